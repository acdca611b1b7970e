/** A result: a table and plots with one selection, files to save, and the Python that repeats it. */

import { sendSelection } from "../shared/ask.js";
import { fill, h, later } from "../shared/dom.js";
import { Selection } from "../shared/selection.js";
import { rowsText, table } from "../shared/table.js";
import { limitWords } from "../shared/words.js";
import { plotPanels } from "./plots.js";
import { saveBar } from "./save.js";

/**
 * Show a result.
 *
 * @param {HTMLElement} place
 * @param {{transport: Transport, bokeh: *, described: Description, plots: Object, changed: function(): void}}
 *   context `plots` remembers the choices of axes
 * @returns {Promise<{destroy: function(): void, selection: Selection}>}
 */
export async function showResult(place, { transport, bokeh, described, plots, changed }) {
  const selection = new Selection(described.rows);
  const stored = new StoredSelection(transport, described.id, selection);
  const rows = h("div.ub-result-table");
  const graphs = h("div.ub-plots");
  const bar = selectionBar(described, selection, (on) => showOnly(on));
  const save = saveBar({ transport, described, stored, selection });
  fill(place, described.notes?.map((note) => h("p.ub-note", {}, note)), limitNote(described),
    h("div.ub-card.ub-stack", {}, bar.element, rows, save.element), graphs);
  const grid = described.rows ? table(rows, { transport, query: described.id, columns: described.columns, rows: described.rows, selection }) : empty(rows);
  const forget = selection.subscribe(() => {
    bar.draw();
    if (bar.only()) again();
  });
  const again = later(250, () => showOnly(bar.only()));
  async function showOnly(on) {
    grid.show(on && selection.active ? await stored.id() : null);
  }
  const panels = described.rows ? await plotPanels(graphs, { transport, bokeh, described, selection, plots, changed }) : null;
  return {
    selection,
    destroy: () => {
      forget();
      again.cancel();
      panels?.destroy();
      save.destroy();
      grid.destroy();
      place.replaceChildren();
    },
  };
}

function limitNote({ adql, rows, requested, overflow }) {
  // A table that somebody sent has no limit.
  const words = adql && limitWords({ rows, limit: requested, overflow });
  return words && h("p.ub-note", {}, `${words} Raise the row limit to see them.`);
}

function empty(place) {
  place.style.height = "auto";
  fill(place, h("p.ub-muted", {}, "No rows: nothing in the catalog meets all conditions."));
  return { show: () => undefined, destroy: () => undefined };
}

function selectionBar(described, selection, showOnly) {
  const words = h("p", { "aria-live": "polite", class: "ub-rows" });
  const box = h("input", { type: "checkbox", onchange: () => showOnly(box.checked) });
  const only = h("label", {}, box, "Show only selected rows");
  const clear = h("button", { type: "button", onclick: () => selection.clear() }, "Clear selection");
  const hint = h("p.ub-hint", {}, "Drag a box in a plot or click rows: the selection is the same everywhere. Shift adds to it.");
  const element = h("div.ub-stack.ub-tight", {}, h("div.ub-line.ub-spread", {}, words, h("div.ub-line", {}, only, clear)), hint);
  const draw = () => {
    words.textContent = rowsText(described.rows, selection);
    words.classList.toggle("ub-selected", selection.active);
    only.hidden = !selection.active;
    clear.hidden = !selection.active;
    if (!selection.active && box.checked) {
      box.checked = false;
      showOnly(false);
    }
  };
  draw();
  return { element, draw, only: () => box.checked };
}

/** The selection as the portal knows it: sent once per change, and only when somebody asks. */
class StoredSelection {
  constructor(transport, query, selection) {
    Object.assign(this, { transport, query, selection, known: null });
    selection.subscribe(() => { this.known = null; });
  }

  /** The id of the selection as it is now. @returns {Promise<string>} */
  id() {
    this.known ||= sendSelection(this.transport, this.query, this.selection.numbers()).then(({ id }) => id);
    return this.known;
  }
}
