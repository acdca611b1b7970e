/** Positions on the sky: the whole sky in Mollweide's projection, or the field around a result. */

import { makeFigure, model } from "./figure.js";
import { circle, graticule, HALF_HEIGHT, HALF_WIDTH, outline, project } from "./mollweide.js";
import { addPoints } from "./pointcloud.js";

/** Targets that are ringed at most: beyond it rings hide the sky. */
const MOST_RINGS = 5000;

/**
 * How far positions reach from their middle.
 * @param {Float64Array} ra degrees
 * @param {Float64Array} dec degrees
 * @returns {{ra: number, dec: number, reach: number}} the middle and the greatest distance from it, degrees
 */
export function fieldOf(ra, dec) {
  const middle = [0, 0, 0];
  const rays = Array.from(ra, (value, row) => direction(value, dec[row])).filter((ray) => ray.every(Number.isFinite));
  for (const ray of rays) ray.forEach((part, axis) => { middle[axis] += part; });
  const length = Math.hypot(...middle) || 1;
  const [x, y, z] = middle.map((part) => part / length);
  let nearest = 1;
  for (const ray of rays) nearest = Math.min(nearest, ray[0] * x + ray[1] * y + ray[2] * z);
  const degrees = 180 / Math.PI;
  const right = (Math.atan2(y, x) * degrees + 360) % 360;
  return { ra: right, dec: Math.asin(Math.max(-1, Math.min(1, z))) * degrees, reach: Math.acos(Math.max(-1, nearest)) * degrees };
}

function direction(ra, dec) {
  const radians = Math.PI / 180;
  const across = Math.cos(dec * radians);
  return [across * Math.cos(ra * radians), across * Math.sin(ra * radians), Math.sin(dec * radians)];
}

/**
 * Draw the whole sky.
 *
 * @param {*} bokeh the loaded BokehJS
 * @param {HTMLElement} place
 * @param {{ra: Float64Array, dec: Float64Array, cone: ?{ra: number, dec: number, radius: number}, selection: Selection,
 *   targets: ?{ra: Float64Array, dec: Float64Array}}} choice degrees, ICRS; `targets` are ringed
 * @returns {Promise<View>} `{destroy, figure}`
 */
export async function allSky(bokeh, place, { ra, dec, cone, selection, targets }) {
  const points = project(ra, dec);
  const aspect = (place.clientWidth || 600) / (place.clientHeight || 320);
  const half = Math.max(HALF_HEIGHT * 1.1, (HALF_WIDTH * 1.04) / aspect);
  const figure = await makeFigure(bokeh, place, {
    x: { start: -half * aspect, end: half * aspect },
    y: { start: -half, end: half },
    bare: true,
    name: "sky",
    onBox: inBox(points, selection),
  });
  addFrame(bokeh, figure);
  const layer = addPoints(bokeh, figure, points, selection);
  addGrid(bokeh, figure);
  addLabels(bokeh, figure, place.clientWidth < 480);
  if (targets) addRings(bokeh, figure, distinct(targets), project);
  if (cone) addCone(bokeh, figure, { ...project(...Object.values(circle(cone.ra, cone.dec, Math.max(cone.radius, 2)))) });
  return withSelection(figure, selection, layer);
}

/**
 * Draw a field: right ascension to the left, the same scale in both directions at its middle.
 *
 * @param {*} bokeh the loaded BokehJS
 * @param {HTMLElement} place
 * @param {{ra: Float64Array, dec: Float64Array, cone: ?{ra: number, dec: number, radius: number}, selection: Selection,
 *   field: {ra: number, dec: number, reach: number}, targets: ?{ra: Float64Array, dec: Float64Array}}} choice degrees, ICRS
 * @returns {Promise<View>} `{destroy, figure}`
 */
export async function fieldMap(bokeh, place, { ra, dec, cone, selection, field, targets }) {
  const { ra: middle, dec: height } = cone || field;
  const near = (value) => value - 360 * Math.round((value - middle) / 360);
  const points = { x: Float64Array.from(ra, near), y: dec };
  const reach = Math.max(cone ? cone.radius : field.reach, 1e-4) * 1.08;
  const aspect = Math.max(0.2, ((place.clientWidth || 600) - 80) / ((place.clientHeight || 320) - 60));
  const [across, up] = aspect > 1 ? [reach * aspect, reach] : [reach, reach / aspect];
  const stretched = Math.min(185, across / Math.max(0.05, Math.cos((height * Math.PI) / 180)));
  const figure = await makeFigure(bokeh, place, {
    x: { start: middle + stretched, end: middle - stretched, label: "right ascension (deg)" },
    y: { start: Math.max(-90, height - up), end: Math.min(90, height + up), label: "declination (deg)" },
    name: "field",
    onBox: inBox(points, selection),
  });
  const layer = addPoints(bokeh, figure, points, selection);
  if (targets) addRings(bokeh, figure, distinct(targets), (right, up) => ({ x: right.map(near), y: up }));
  if (cone) {
    const edge = circle(cone.ra, cone.dec, cone.radius);
    addCone(bokeh, figure, { x: edge.ra.map(near), y: edge.dec });
  }
  return withSelection(figure, selection, layer);
}

function inBox(points, selection) {
  return ({ x0, x1, y0, y1 }, add) => {
    const inside = (row) => points.x[row] >= x0 && points.x[row] <= x1 && points.y[row] >= y0 && points.y[row] <= y1;
    selection.choose(inside, add);
  };
}

function withSelection(figure, selection, layer) {
  const forget = selection.subscribe(layer.redraw);
  return {
    figure,
    left: 0,
    destroy: () => {
      forget();
      figure.destroy();
    },
  };
}

function draw(bokeh, figure, glyphName, data, looks) {
  const source = new (model(bokeh, "ColumnDataSource"))({ data });
  const fields = Object.fromEntries(Object.keys(data).map((name) => [name, { field: name }]));
  const glyph = new (model(bokeh, glyphName))({ ...fields, ...looks });
  const options = { data_source: source, glyph, nonselection_glyph: null, selection_glyph: null };
  figure.plot.add_renderers(new (model(bokeh, "GlyphRenderer"))(options));
  return glyph;
}

function addFrame(bokeh, figure) {
  const edge = draw(bokeh, figure, "Patch", outline(), { line_width: { value: 1 } });
  figure.onTheme((colors) => {
    edge.setv({ fill_color: { value: colors.sky }, line_color: { value: colors.line } });
    figure.plot.outline_line_color = null;
  });
}

function addGrid(bokeh, figure) {
  const lines = draw(bokeh, figure, "MultiLine", graticule(), { line_width: { value: 1 }, line_alpha: { value: 0.55 } });
  figure.onTheme((colors) => { lines.line_color = { value: colors.line }; });
}

function addLabels(bokeh, figure, narrow) {
  const hours = narrow ? [-90, 0, 90] : [-120, -60, 0, 60, 120];
  const parallels = narrow ? [-45, 45] : [-60, -30, 30, 60];
  const at = project([...hours, ...parallels.map(() => 179.9)], [...hours.map(() => 0), ...parallels]);
  const texts = [...hours.map((ra) => `${((ra + 360) % 360) / 15}h`), ...parallels.map((dec) => `${dec > 0 ? "+" : "−"}${Math.abs(dec)}°`)];
  const data = { x: [...at.x], y: [...at.y], text: texts };
  const glyph = draw(bokeh, figure, "Text", data, {
    text_font_size: { value: "11px" }, text_align: { value: "center" }, text_baseline: { value: "middle" },
    padding: 2, border_radius: 3, background_fill_alpha: { value: 0.8 },
  });
  figure.onTheme((colors) => glyph.setv({ text_color: { value: colors.text }, background_fill_color: { value: colors.page } }));
}

/** Each position once, and no more than a page draws at once. */
function distinct({ ra, dec }) {
  const seen = new Map();
  for (let row = 0; row < ra.length && seen.size < MOST_RINGS; row += 1) {
    if (Number.isFinite(ra[row])) seen.set(`${ra[row]} ${dec[row]}`, row);
  }
  const rows = [...seen.values()];
  return { ra: rows.map((row) => ra[row]), dec: rows.map((row) => dec[row]) };
}

function addRings(bokeh, figure, { ra, dec }, place) {
  const { x, y } = place(ra, dec);
  const looks = { marker: { value: "circle" }, size: { value: 12 }, fill_alpha: { value: 0 }, line_width: { value: 1.6 } };
  const glyph = draw(bokeh, figure, "Scatter", { x: [...x], y: [...y] }, looks);
  figure.onTheme((colors) => { glyph.line_color = { value: colors.chosenBar }; });
}

function addCone(bokeh, figure, line) {
  const glyph = draw(bokeh, figure, "Line", { x: [...line.x], y: [...line.y] }, { line_width: 1.5, line_dash: [5, 4] });
  figure.onTheme((colors) => { glyph.line_color = colors.chosenBar; });
}
