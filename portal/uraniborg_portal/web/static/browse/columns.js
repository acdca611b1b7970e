/** The columns of a catalog: what they mean, and which ones the query asks for. */

import { fill, h } from "../shared/dom.js";
import { unitText } from "../shared/words.js";
import { rangeText } from "./filters.js";

/**
 * The list of columns with a box each.
 * @param {{state: FormState, changed: function(): void}} context `state.columns` is null for the principal ones
 * @returns {{element: HTMLElement, show: function(Catalog): void}}
 */
export function columns({ state, changed }) {
  const summary = h("span.ub-muted", { "aria-live": "polite" });
  const body = h("tbody");
  const table = h("table.ub-columns", {}, h("thead", {}, h("tr", {},
    ["", "Column", "Unit", "Meaning", "Values"].map((name) => h("th", { scope: "col" }, name)))), body);
  const pick = (label, which) => h("button", { type: "button", onclick: () => set(which()) }, label);
  const bar = h("div.ub-line.ub-spread", {}, summary, h("div.ub-segments", {},
    pick("Principal", () => null), pick("All", () => catalog.columns.map(({ name }) => name))));
  const element = h("div.ub-stack", {}, bar, h("div.ub-columns-box", { tabindex: "0", role: "region", "aria-label": "Columns" }, table));
  let catalog = null;

  const chosen = () => new Set(state.columns || catalog.columns.filter((each) => each.principal).map(({ name }) => name));
  function set(names) {
    state.columns = names;
    draw();
    changed();
  }
  function flip(name) {
    const names = chosen();
    if (!names.delete(name)) names.add(name);
    state.columns = catalog.columns.map((each) => each.name).filter((each) => names.has(each));
    tell();
    changed();
  }
  function tell() {
    summary.textContent = `${chosen().size} of ${catalog.columns.length} columns`;
  }
  function draw() {
    const names = chosen();
    fill(body, catalog.columns.map((column) => row(column, names.has(column.name))));
    tell();
  }
  function row(column, on) {
    const box = h("input", { type: "checkbox", checked: on, "aria-label": `Ask for ${column.name}`, onchange: () => flip(column.name) });
    return h("tr", {}, h("td", {}, box), h("th", { scope: "row" }, column.name), h("td", {}, unitText(column.unit)),
      h("td", {}, column.description, column.ucd ? h("small.ub-ucd", {}, column.ucd) : null), h("td.ub-values", {}, rangeText(column)));
  }
  return {
    element,
    show: (next) => {
      if (catalog && catalog.name !== next.name) state.columns = null;
      catalog = next;
      draw();
    },
  };
}
