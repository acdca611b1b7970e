/** Bokeh views that Python made, in the colors of the page. */

import { plotColors } from "./theme.js";

/**
 * Paint every figure of a view: frame, axes, grids, titles, legends; data keep their colors.
 * @param {*} root a Bokeh model: a figure or a layout
 * @param {boolean} dark
 */
export function paintView(root, dark) {
  const colors = plotColors(dark);
  for (const plot of plotsOf(root)) paintPlot(plot, colors);
}

function plotsOf(root) {
  const children = (root.children || []).flatMap((child) => plotsOf(Array.isArray(child) ? child[0] : child));
  return root.x_range && root.y_range ? [root, ...children] : children;
}

function paintPlot(plot, colors) {
  plot.setv({ background_fill_color: colors.page, border_fill_color: colors.page, outline_line_color: colors.line });
  plot.title?.setv?.({ text_color: colors.text });
  for (const side of ["below", "left", "right", "above", "center"]) {
    for (const part of plot[side] || []) paintPart(part, colors);
  }
}

function paintPart(part, colors) {
  if (part.type.endsWith("Axis")) {
    part.setv({ axis_label_text_color: colors.text, major_label_text_color: colors.muted, axis_line_color: colors.line,
      major_tick_line_color: colors.line, minor_tick_line_color: null, axis_label_text_font_style: "normal" });
  } else if (part.type === "Grid") part.setv({ grid_line_color: colors.grid });
  else if (part.type === "Legend") {
    part.setv({ background_fill_color: colors.page, label_text_color: colors.text, border_line_color: colors.line });
  } else if (part.type === "ColorBar") {
    part.setv({ background_fill_color: colors.page, title_text_color: colors.text, major_label_text_color: colors.muted });
  } else if (part.type === "Title") part.setv({ text_color: colors.text });
}
