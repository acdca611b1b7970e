/** A Bokeh figure made in the browser: axes, theme, tools and box selection. No CustomJS and no WebGL are needed. */

import { plotColors, watchTheme } from "./theme.js";

const TOOLS = ["box", "pan", "zoom"];

/**
 * Give one of Bokeh's models.
 * @param {*} bokeh the loaded BokehJS
 * @param {string} name
 */
export function model(bokeh, name) {
  return bokeh.Models.get ? bokeh.Models.get(name) : bokeh.Models[name];
}

/** One axis: its range, its scale and its label. */
function makeAxis(bokeh, { log, label }) {
  const axis = new (model(bokeh, log ? "LogAxis" : "LinearAxis"))({ axis_label: label });
  const scale = new (model(bokeh, log ? "LogScale" : "LinearScale"))();
  return { axis, scale };
}

/**
 * A figure with two axes.
 *
 * @param {*} bokeh the loaded BokehJS
 * @param {HTMLElement} place what holds the figure
 * @param {{x: AxisChoice, y: AxisChoice, bare: ?boolean, square: ?boolean, name: string, dimensions: ?string,
 *   onBox: function({x0: number, x1: number, y0: number, y1: number}, boolean): void}} choice an axis has `log`, `label`,
 *   `start` and `end` (start > end is a reversed axis); `bare` hides the axes; `square` keeps the same scale on both;
 *   `name` names the saved picture; `dimensions` is `both` or `width` of the box tool
 * @returns {Promise<Figure>} `{plot, frame(), paint(colors), add(renderer), onRange(listener), reset(), destroy()}`
 */
export async function makeFigure(bokeh, place, choice) {
  const Range = model(bokeh, "Range1d");
  const x = makeAxis(bokeh, choice.x);
  const y = makeAxis(bokeh, choice.y);
  const plot = new (model(bokeh, "Plot"))({
    x_range: new Range({ start: choice.x.start, end: choice.x.end }),
    y_range: new Range({ start: choice.y.start, end: choice.y.end }),
    x_scale: x.scale,
    y_scale: y.scale,
    sizing_mode: "stretch_both",
    match_aspect: false,
    min_border: choice.bare ? 4 : 8,
    min_border_right: 12,
    toolbar_location: null,
  });
  const painters = [(colors) => paintFrame(plot, colors)];
  if (!choice.bare) addAxes(bokeh, plot, x.axis, y.axis, painters);
  const tools = addTools(bokeh, plot, choice);
  listenToBox(plot, choice.onBox);
  const Document = bokeh.require("document").Document;
  const document_ = new Document();
  document_.add_root(plot);
  const views = await bokeh.embed.add_document_standalone(document_, place);
  const repaint = (dark) => painters.forEach((painter) => painter(plotColors(dark)));
  const forget = watchTheme(repaint);
  return {
    plot,
    tools,
    frame: () => ({ width: Math.max(1, Math.round(plot.inner_width || 1)), height: Math.max(1, Math.round(plot.inner_height || 1)) }),
    onTheme: (painter) => {
      painters.push(painter);
      painter(plotColors(matchDark()));
    },
    onRange: (listener) => listenToRanges(plot, listener),
    reset: () => {
      plot.x_range.setv({ start: choice.x.start, end: choice.x.end });
      plot.y_range.setv({ start: choice.y.start, end: choice.y.end });
    },
    use: (name) => useTool(plot, tools, name),
    picture: () => views,
    destroy: () => {
      forget();
      document_.clear();
      place.replaceChildren();
    },
  };
}

function matchDark() {
  let dark = false;
  watchTheme((value) => { dark = value; })();
  return dark;
}

function addAxes(bokeh, plot, below, left, painters) {
  const Grid = model(bokeh, "Grid");
  plot.add_layout(below, "below");
  plot.add_layout(left, "left");
  const grids = [new Grid({ dimension: 0, axis: below }), new Grid({ dimension: 1, axis: left })];
  for (const grid of grids) plot.add_layout(grid, "center");
  painters.push((colors) => {
    for (const axis of [below, left]) paintAxis(axis, colors);
    for (const grid of grids) grid.grid_line_color = colors.grid;
  });
}

function paintAxis(axis, colors) {
  axis.setv({
    axis_label_text_color: colors.text,
    axis_label_text_font_style: "normal",
    axis_label_text_font_size: "13px",
    major_label_text_color: colors.muted,
    major_label_text_font_size: "12px",
    axis_line_color: colors.line,
    major_tick_line_color: colors.line,
    minor_tick_line_color: null,
    major_tick_in: 0,
  });
}

function paintFrame(plot, colors) {
  plot.setv({
    background_fill_color: colors.page,
    border_fill_color: colors.page,
    outline_line_color: colors.line,
  });
}

function addTools(bokeh, plot, { dimensions = "both" }) {
  const BoxSelect = model(bokeh, "BoxSelectTool");
  const tools = {
    box: new BoxSelect({ dimensions, persistent: false }),
    pan: new (model(bokeh, "PanTool"))(),
    zoom: new (model(bokeh, "BoxZoomTool"))({ dimensions: "both" }),
    wheel: new (model(bokeh, "WheelZoomTool"))(),
  };
  plot.add_tools(tools.box, tools.pan, tools.zoom, tools.wheel);
  plot.toolbar.setv({ logo: null, active_drag: tools.box, active_scroll: null });
  return tools;
}

/**
 * Choose what dragging does.
 * @param {*} plot
 * @param {*} tools
 * @param {string} name `box` (select), `pan` or `zoom`
 */
function useTool(plot, tools, name) {
  for (const other of TOOLS) tools[other].active = other === name;
  tools.wheel.active = name !== "box";
}

function listenToBox(plot, onBox) {
  plot.on_event("selectiongeometry", (event) => {
    if (!event.final || !event.geometry || event.geometry.type !== "rect") return;
    const { x0, x1, y0, y1 } = event.geometry;
    const box = { x0: Math.min(x0, x1), x1: Math.max(x0, x1), y0: Math.min(y0, y1), y1: Math.max(y0, y1) };
    onBox(box, event.mode === "append");
  });
}

function listenToRanges(plot, listener) {
  for (const range of [plot.x_range, plot.y_range]) {
    range.properties.start.change.connect(listener);
    range.properties.end.change.connect(listener);
  }
  plot.properties.inner_width.change.connect(listener);
  plot.properties.inner_height.change.connect(listener);
}
