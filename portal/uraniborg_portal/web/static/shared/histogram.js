/** A histogram of one column, with the selected rows in front. */

import { axisLabel } from "./words.js";
import { makeFigure, model } from "./figure.js";
import { axisRange } from "./scatter.js";

const BINS = 60;

/**
 * Count values in equal bins (equal in the logarithm on a log axis).
 * @param {Float64Array} values
 * @param {{low: number, high: number, log: boolean}} range
 * @param {?Uint8Array} mask counts only rows whose entry is not 0
 * @returns {{edges: Float64Array, counts: Float64Array}}
 */
export function bin(values, { low, high, log }, mask = null) {
  const scale = log ? Math.log10 : (value) => value;
  const back = log ? (value) => 10 ** value : (value) => value;
  const [from, to] = [scale(low), scale(high)];
  const edges = Float64Array.from({ length: BINS + 1 }, (_, step) => back(from + ((to - from) * step) / BINS));
  const counts = new Float64Array(BINS);
  for (let row = 0; row < values.length; row += 1) {
    if (mask && !mask[row]) continue;
    const at = Math.floor(((scale(values[row]) - from) / (to - from)) * BINS);
    if (at >= 0 && at < BINS) counts[at] += 1;
  }
  return { edges, counts };
}

/**
 * Draw a histogram; dragging selects a range.
 *
 * @param {*} bokeh the loaded BokehJS
 * @param {HTMLElement} place
 * @param {{x: Axis, selection: Selection}} choice an axis has `column`, `values`, `log` and `reversed`
 * @returns {Promise<View>} `{destroy, figure, left}`
 */
export async function histogram(bokeh, place, { x, selection }) {
  const across = axisRange(x.values, x);
  const range = { low: Math.min(across.start, across.end), high: Math.max(across.start, across.end), log: across.log };
  const all = bin(x.values, range);
  const top = Math.max(1, all.counts.reduce((most, value) => Math.max(most, value), 0));
  const figure = await makeFigure(bokeh, place, {
    x: { ...across, label: axisLabel(x.column) },
    y: { start: 0, end: top * 1.06, log: false, label: "rows per bin" },
    name: `histogram-${x.column.name}`,
    dimensions: "width",
    onBox: ({ x0, x1 }, add) => selection.choose((row) => x.values[row] >= x0 && x.values[row] <= x1, add),
  });
  const bars = addBars(bokeh, figure, all, "bar");
  const front = addBars(bokeh, figure, { edges: all.edges, counts: new Float64Array(BINS) }, "chosenBar");
  const redraw = () => {
    bars.glyph.fill_alpha = { value: selection.active ? 0.35 : 0.9 };
    front.show(selection.active ? bin(x.values, range, selection.mask).counts : new Float64Array(BINS));
  };
  const forget = selection.subscribe(redraw);
  redraw();
  return {
    figure,
    left: across.left,
    destroy: () => {
      forget();
      figure.destroy();
    },
  };
}

function addBars(bokeh, figure, { edges, counts }, color) {
  const ColumnDataSource = model(bokeh, "ColumnDataSource");
  const data = (top) => ({ left: edges.slice(0, -1), right: edges.slice(1), bottom: new Float64Array(top.length), top });
  const source = new ColumnDataSource({ data: data(counts) });
  const glyph = new (model(bokeh, "Quad"))({
    left: { field: "left" }, right: { field: "right" }, bottom: { field: "bottom" }, top: { field: "top" },
    line_color: { value: null }, fill_alpha: { value: 0.9 },
  });
  const renderer = new (model(bokeh, "GlyphRenderer"))({ data_source: source, glyph, nonselection_glyph: null, selection_glyph: null });
  figure.plot.add_renderers(renderer);
  figure.onTheme((colors) => { glyph.fill_color = { value: colors[color] }; });
  return { glyph, show: (top) => { source.data = data(top); } };
}
