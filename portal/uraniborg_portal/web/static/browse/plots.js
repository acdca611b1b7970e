/** The linked plots of a result: the sky, a scatter plot and a histogram of chosen columns. */

import { askColumn } from "../shared/ask.js";
import { choice, fill, h } from "../shared/dom.js";
import { histogram } from "../shared/histogram.js";
import { scatter } from "../shared/scatter.js";
import { allSky, fieldMap, fieldOf } from "../shared/sky.js";
import { count } from "../shared/words.js";

/** The columns that say where a target of a list is. */
const TARGET = ["target_ra", "target_dec"];
const TOOLS = [["box", "Select"], ["pan", "Move"], ["zoom", "Zoom"]];

/**
 * Draw the plots that the result's columns allow.
 * @param {HTMLElement} place
 * @param {{transport: Transport, bokeh: *, described: Description, selection: Selection, plots: Object,
 *   changed: function(): void}} context
 * @returns {Promise<{destroy: function(): void}>}
 */
export async function plotPanels(place, context) {
  const { transport, described, plots } = context;
  const kept = new Map();
  const values = (name) => {
    if (!kept.has(name)) kept.set(name, askColumn(transport, described.id, name));
    return kept.get(name);
  };
  const numeric = described.columns.filter((column) => !["char", "unicodeChar", "boolean"].includes(column.datatype) && !column.arraysize);
  const shared = { ...context, values, numeric };
  const panels = [];
  if (described.position) panels.push(skyPanel(shared));
  if (numeric.length > 1) panels.push(axesPanel(shared, "Scatter plot", scatterChoice(numeric, described, plots.scatter), "scatter"));
  if (numeric.length) panels.push(axesPanel(shared, "Histogram", histogramChoice(numeric, described, plots.histogram), "histogram"));
  fill(place, panels.map((panel) => panel.element));
  if (described.position && panels.length) panels[0].element.classList.add("ub-wide");
  await Promise.all(panels.map((panel) => panel.draw()));
  return { destroy: () => panels.forEach((panel) => panel.destroy()) };
}

/** What every panel has: a title, controls, tools, a place for the figure, and a sentence below. */
function frame(title, controls) {
  const words = h("p.ub-hint", { "aria-live": "polite" });
  const figure = h("figure", { "aria-label": title, role: "img" });
  const tools = h("div.ub-segments", { role: "group", "aria-label": `What dragging does in: ${title}` });
  const state = { view: null, tool: "box" };
  const use = (name) => {
    state.tool = name;
    for (const button of tools.children) if (button.dataset.tool) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
    state.view?.figure.use(name);
  };
  fill(tools, TOOLS.map(([name, text]) => h("button", { type: "button", "data-tool": name, "aria-pressed": String(name === "box"), onclick: () => use(name) }, text)),
    h("button", { type: "button", onclick: () => state.view?.figure.reset() }, "Reset"));
  const element = h("section.ub-card.ub-plot", { "aria-label": title },
    h("div.ub-line.ub-spread", {}, h("h3", {}, title), tools), h("div.ub-plot-controls", {}, controls), figure, words);
  let last = 0;
  /** Replace the figure; when two redraws overlap, the later one stays. */
  async function draw(make) {
    last += 1;
    const mine = last;
    state.view?.destroy();
    state.view = null;
    const place = h("div", { style: { position: "absolute", inset: "0" } });
    fill(figure, place);
    try {
      const view = await make(place);
      if (mine !== last) return view.destroy();
      state.view = view;
      use(state.tool);
      words.textContent = view.left ? `${count(view.left)} ${view.left === 1 ? "row has" : "rows have"} no place in this plot.` : "";
    } catch (refusal) {
      fill(figure, h("p.ub-error", {}, refusal.message));
    }
    return undefined;
  }
  return { element, draw, destroy: () => { last += 1; state.view?.destroy(); state.view = null; } };
}

/** Whether a result has the targets of a list beside the rows that were found for them. */
function isList({ position, columns }) {
  return position.ra !== TARGET[0] && TARGET.every((wanted) => columns.some(({ name }) => name === wanted));
}

function skyPanel({ bokeh, described, selection, values, plots, changed }) {
  const whole = h("button", { type: "button", onclick: () => show("sky") }, "Whole sky");
  const field = h("button", { type: "button", onclick: () => show("field") }, "Field");
  const panel = frame("Sky", [h("div.ub-segments", { role: "group", "aria-label": "Extent of the map" }, whole, field), h("span.ub-muted", {}, "ICRS; east is to the left"),
    isList(described) ? h("span.ub-muted", {}, "◯ your targets · ● rows") : null]);
  const { ra, dec } = described.position;
  const listed = isList(described);
  async function show(mode) {
    if (mode) plots.sky = mode;
    const [right, up, ...targets] = await Promise.all([ra, dec, ...(listed ? TARGET : [])].map(values));
    const reach = listed ? fieldOf([...right, ...targets[0]], [...up, ...targets[1]]) : fieldOf(right, up);
    const chosen = plots.sky || (reach.reach < 20 ? "field" : "sky");
    whole.setAttribute("aria-pressed", String(chosen === "sky"));
    field.setAttribute("aria-pressed", String(chosen === "field"));
    const choices = { ra: right, dec: up, cone: described.cone, selection, field: reach, targets: listed ? { ra: targets[0], dec: targets[1] } : null };
    panel.element.classList.toggle("ub-whole", chosen === "sky");
    await panel.draw((place) => (chosen === "sky" ? allSky : fieldMap)(bokeh, place, choices));
    if (mode) changed();
  }
  return { ...panel, draw: () => show(null) };
}

function scatterChoice(numeric, described, stored) {
  const find = (start) => numeric.find((column) => column.ucd?.startsWith(start));
  const plain = numeric.filter(({ name }) => name !== described.position?.ra && name !== described.position?.dec && !/^meta/.test(ucdOf(numeric, name)));
  const magnitude = find("phot.mag");
  const color = find("phot.color") || plain.find((column) => column !== magnitude);
  const x = color || numeric[0];
  const y = magnitude && magnitude !== x ? magnitude : plain.find((column) => column !== x) || numeric[1];
  const fresh = { x: x.name, y: y.name, logX: false, logY: false, reverseX: false, reverseY: isMagnitude(y) };
  return known(numeric, stored, ["x", "y"]) ? stored : fresh;
}

function ucdOf(columns, name) {
  return columns.find((column) => column.name === name)?.ucd || "";
}

function isMagnitude(column) {
  return column.ucd?.startsWith("phot.mag") || false;
}

function histogramChoice(numeric, described, stored) {
  const wanted = numeric.find((column) => isMagnitude(column)) || numeric.find((column) => !/^(meta|pos\.eq)/.test(column.ucd || "")) || numeric[0];
  return known(numeric, stored, ["x"]) ? stored : { x: wanted.name, logX: false, reverseX: false };
}

function known(numeric, stored, axes) {
  return stored && axes.every((axis) => numeric.some((column) => column.name === stored[axis]));
}

function axesPanel({ bokeh, selection, numeric, values, plots, changed }, title, chosen, kind) {
  plots[kind] = chosen;
  const names = numeric.map((column) => [column.name, column.name]);
  const axes = kind === "scatter" ? ["x", "y"] : ["x"];
  const edit = (change) => {
    Object.assign(chosen, change);
    show();
    changed();
  };
  const tick = (key, text) => h("label", {}, h("input", { type: "checkbox", checked: chosen[key], onchange: (event) => edit({ [key]: event.target.checked }) }), text);
  const controls = axes.map((axis) => h("span.ub-line", { role: "group", "aria-label": `${axis} axis` },
    h("label", {}, axis, choice(names, chosen[axis], { onchange: (event) => edit({ [axis]: event.target.value }) })),
    tick(`log${axis.toUpperCase()}`, "log"), tick(`reverse${axis.toUpperCase()}`, "reversed")));
  const panel = frame(title, controls);
  async function show() {
    const parts = await Promise.all(axes.map((axis) => values(chosen[axis])));
    const choices = { selection };
    axes.forEach((axis, at) => {
      const capital = axis.toUpperCase();
      choices[axis] = { column: numeric.find(({ name }) => name === chosen[axis]), values: parts[at], log: chosen[`log${capital}`], reversed: chosen[`reverse${capital}`] };
    });
    await panel.draw((place) => (kind === "scatter" ? scatter : histogram)(bokeh, place, choices));
  }
  return { ...panel, draw: show };
}
