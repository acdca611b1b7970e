/** Points as a raster inside a Bokeh figure, drawn again whenever the view changes. */

import { eachFrame } from "./dom.js";
import { model } from "./figure.js";
import { pointRadius, splat } from "./raster.js";

/**
 * Add a layer of points to a figure.
 *
 * @param {*} bokeh the loaded BokehJS
 * @param {Figure} figure
 * @param {{x: Float64Array, y: Float64Array, logX: ?boolean, logY: ?boolean}} points in the figure's coordinates
 * @param {Selection} selection its mask has one entry per point
 * @returns {{redraw: function(): void}} redraw after the selection has changed
 */
export function addPoints(bokeh, figure, points, selection) {
  const ColumnDataSource = model(bokeh, "ColumnDataSource");
  const { Uint32NDArray } = bokeh.require("core/util/ndarray");
  const empty = new Uint32NDArray(new Uint32Array(1), [1, 1]);
  const source = new ColumnDataSource({ data: { image: [empty], x: [0], y: [0], dw: [1], dh: [1] } });
  const fields = Object.fromEntries(["image", "x", "y", "dw", "dh"].map((name) => [name, { field: name }]));
  const glyph = new (model(bokeh, "ImageRGBA"))(fields);
  const renderer = new (model(bokeh, "GlyphRenderer"))({ data_source: source, glyph, nonselection_glyph: null, selection_glyph: null });
  figure.plot.add_renderers(renderer);
  let colors = null;
  const draw = () => {
    if (!colors) return;
    const view = viewOf(figure, points);
    const shown = locate(points, view);
    const mask = selection.active ? selection.mask : null;
    const radius = pointRadius(points.x.length, view.ratio);
    const image = splat(shown.x, shown.y, { width: view.width, height: view.height, radius, mask, colors });
    const { x, y, dw, dh } = view.extent;
    source.data = { image: [new Uint32NDArray(image, [view.height, view.width])], x: [x], y: [y], dw: [dw], dh: [dh] };
  };
  const redraw = eachFrame(draw);
  figure.onRange(redraw);
  figure.onTheme((next) => {
    colors = next;
    redraw();
  });
  return { redraw };
}

function viewOf(figure, { logX, logY }) {
  const { width, height } = figure.frame();
  const ratio = globalThis.devicePixelRatio || 1;
  const { x_range: across, y_range: up } = figure.plot;
  const [left, right] = [Math.min(across.start, across.end), Math.max(across.start, across.end)];
  const [bottom, top] = [Math.min(up.start, up.end), Math.max(up.start, up.end)];
  return {
    width: Math.max(1, Math.round(width * ratio)),
    height: Math.max(1, Math.round(height * ratio)),
    ratio,
    left: logX ? Math.log10(left) : left,
    right: logX ? Math.log10(right) : right,
    bottom: logY ? Math.log10(bottom) : bottom,
    top: logY ? Math.log10(top) : top,
    extent: { x: left, y: bottom, dw: right - left, dh: top - bottom },
  };
}

/** Pixel coordinates; pixels rise with the value, also on a reversed axis, since Bokeh turns the image over there. */
function locate({ x, y, logX, logY }, view) {
  const place = (values, log, low, high, pixels) => {
    const scale = pixels / (high - low);
    const result = new Float64Array(values.length);
    for (let index = 0; index < values.length; index += 1) {
      result[index] = ((log ? Math.log10(values[index]) : values[index]) - low) * scale;
    }
    return result;
  };
  return {
    x: place(x, logX, view.left, view.right, view.width),
    y: place(y, logY, view.bottom, view.top, view.height),
  };
}
