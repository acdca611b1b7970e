/** A scatter plot of two columns. */

import { axisLabel } from "./words.js";
import { makeFigure } from "./figure.js";
import { addPoints } from "./pointcloud.js";

/**
 * The range of an axis: all finite values (positive ones on a log axis) with a margin.
 * @param {Float64Array} values
 * @param {{log: ?boolean, reversed: ?boolean}} scale
 * @returns {{start: number, end: number, log: boolean, left: number}} `left` counts values that the axis can't show
 */
export function axisRange(values, { log = false, reversed = false }) {
  let [low, high, left] = [Infinity, -Infinity, 0];
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) left += 1;
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) [low, high] = log ? [1, 10] : [0, 1];
  const [start, end] = log ? widenLog(low, high) : widen(low, high);
  return reversed ? { start: end, end: start, log, left } : { start, end, log, left };
}

function widen(low, high) {
  const margin = (high - low) * 0.04 || Math.abs(high) * 0.05 || 0.5;
  return [low - margin, high + margin];
}

function widenLog(low, high) {
  const factor = (high / low) ** 0.04 || 1.2;
  return [low / Math.max(factor, 1.05), high * Math.max(factor, 1.05)];
}

/**
 * Draw one column against another.
 *
 * @param {*} bokeh the loaded BokehJS
 * @param {HTMLElement} place
 * @param {{x: Axis, y: Axis, selection: Selection}} choice an axis has `column`, `values`, `log` and `reversed`
 * @returns {Promise<View>} `{redraw, destroy, figure, left}`; `left` counts rows without a place in the plot
 */
export async function scatter(bokeh, place, { x, y, selection }) {
  const across = axisRange(x.values, x);
  const up = axisRange(y.values, y);
  const within = (value, low, high) => value >= low && value <= high;
  const figure = await makeFigure(bokeh, place, {
    x: { ...across, label: axisLabel(x.column) },
    y: { ...up, label: axisLabel(y.column) },
    name: `${x.column.name}-${y.column.name}`,
    onBox: ({ x0, x1, y0, y1 }, add) =>
      selection.choose((row) => within(x.values[row], x0, x1) && within(y.values[row], y0, y1), add),
  });
  const layer = addPoints(bokeh, figure, { x: x.values, y: y.values, logX: x.log, logY: y.log }, selection);
  const forget = selection.subscribe(layer.redraw);
  return {
    figure,
    left: Math.max(across.left, up.left),
    destroy: () => {
      forget();
      figure.destroy();
    },
  };
}
