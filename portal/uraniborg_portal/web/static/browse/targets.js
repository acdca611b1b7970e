/** A list of targets: pasted, or a file; read by the portal, which tells each line that is none. */

import { askJson, sendBytes } from "../shared/ask.js";
import { field, fill, h, later } from "../shared/dom.js";
import { count } from "../shared/words.js";

const HINT = "One per line: M31 · 10.68 41.27 · 00:42:44.3 +41:16:09 · my star, 10.68, 41.27";
/** Characters of a pasted list that the browser remembers itself; the portal keeps the whole list for days. */
const REMEMBERED = 20_000;
/** Problems that are shown one by one. */
const SHOWN = 20;

/**
 * The fields for a list.
 * @param {{transport: Transport, state: FormState, changed: function(): void}} context `changed` after each edit, and when the
 *   portal has read the list
 * @returns {{element: HTMLElement, fail: function(string): void, again: function(): boolean}} `again` has the list read anew,
 *   and says whether there is one
 */
export function targetList({ transport, state, changed }) {
  const text = field("Targets", h("textarea.ub-code", {
    name: "targets", rows: 5, spellcheck: "false", autocapitalize: "off", placeholder: "M31\n10.68 41.27\nmy star, 10.68, 41.27",
    value: state.targetText, oninput: (event) => typed(event.target.value),
  }), HINT);
  const file = h("input", {
    type: "file", "aria-label": "A file of targets", accept: ".csv,.ecsv,.vot,.votable,.xml,.fits,.fit,.parquet,.txt",
    // The same file, mended, is chosen again.
    onclick: () => { file.value = ""; },
    onchange: () => { if (file.files.length) send(file.files[0]); },
  });
  const told = h("div.ub-stack.ub-tight", { "aria-live": "polite" });
  const tick = (key, words) => h("label", {}, h("input", {
    type: "checkbox", checked: state[key],
    onchange: (event) => {
      state[key] = event.target.checked;
      changed();
    },
  }), words);
  const element = h("div.ub-stack.ub-tight", {}, text.element,
    h("label.ub-file", {}, "or a file (CSV, ECSV, VOTable, FITS, Parquet) with positions or names", file), told,
    h("div.ub-line", {}, tick("nearest", "Nearest row only"), tick("keepAll", "Keep targets without a match")));
  let turn = 0;

  function typed(value) {
    file.value = "";
    Object.assign(state, { targetText: value.slice(0, REMEMBERED), targets: null });
    text.fail("");
    fill(told);
    readLater(value);
    changed();
  }
  const readLater = later(600, (value) => { if (value.trim()) read(() => ({ text: value })); });
  function send(chosen) {
    text.control.value = "";
    state.targetText = "";
    return read(async () => ({ table: (await sendBytes(transport, "api/tables", await chosen.arrayBuffer())).id }), chosen.name);
  }
  async function read(asked, name = "") {
    turn += 1;
    const mine = turn;
    readLater.cancel();
    text.fail("");
    fill(told, h("p.ub-muted", {}, "Reading the list…"));
    try {
      const found = await askJson(transport, "POST", "api/targets", await asked());
      if (mine !== turn) return;
      state.targets = { id: found.id, rows: found.rows, name };
      tell(found);
    } catch (refusal) {
      if (mine !== turn) return;
      state.targets = null;
      fill(told);
      text.fail(`${refusal.message} ${refusal.remedy || ""}`);
    }
    changed();
  }
  function tell({ rows, problems, left_out: left }) {
    const lines = problems.slice(0, SHOWN).map((each) => h("li", {}, h("strong", {}, `${state.targetText ? "Line" : "Row"} ${each.number}`),
      each.text ? ` “${each.text}”` : "", `: ${each.why}`));
    const more = left > lines.length ? h("li", {}, `… and ${count(left - lines.length)} more.`) : null;
    fill(told, summary(rows), left ? h("p.ub-field-error", {}, `${count(left)} left out:`) : null,
      left ? h("ul.ub-problems", {}, lines, more) : null);
  }
  function summary(rows) {
    const from = state.targets?.name ? ` of ${state.targets.name}` : "";
    return h("p", {}, h("strong", {}, `${count(rows)} ${rows === 1 ? "target" : "targets"}`), from);
  }
  if (state.targets) fill(told, summary(state.targets.rows));
  return {
    element,
    fail: text.fail,
    again: () => {
      if (!state.targetText.trim()) return false;
      read(() => ({ text: state.targetText }));
      return true;
    },
  };
}
