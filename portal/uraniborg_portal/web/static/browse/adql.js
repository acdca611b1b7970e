/** The query as text: made by the form, open to edits, checked and completed as it is typed. */

import { askJson } from "../shared/ask.js";
import { fill, h, later, uniqueId } from "../shared/dom.js";
import { completion } from "./completion.js";
import { explanation } from "./explanation.js";

/**
 * The editor.
 * @param {{transport: Transport, state: FormState, changed: function(): void, run: function(): void,
 *   back: function(): void}} context `back` makes the form's query again;
 *   `foreign` text is for another service, whose tables and language this portal does not know
 * @returns {{element: HTMLElement, show: function(string): void, fail: function(?Refusal): void}}
 */
export function adqlEditor({ transport, state, changed, run, back, foreign = false }) {
  const id = uniqueId("adql");
  const verdict = h("p.ub-hint", { id: `${id}-verdict`, "aria-live": "polite" });
  const text = h("textarea.ub-code", {
    id, name: "adql", spellcheck: "false", autocapitalize: "off", rows: 6, "aria-describedby": verdict.id, value: state.adql || "",
    oninput: () => {
      typed(text.value);
      if (!foreign) offers.typed();
    },
    onblur: () => offers.close(),
    onkeydown: (event) => {
      if (offers.key(event)) {
        event.preventDefault();
        event.stopPropagation();
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
    },
  });
  const offers = completion({ transport, state, text, changed: () => typed(text.value) });
  const plan = explanation({ transport, state });
  const again = h("button.ub-link", { type: "button", hidden: !state.edited, onclick: undo }, "Back to the form's query");
  const element = h("div.ub-stack.ub-tight", {}, h("div.ub-line.ub-spread", {}, h("label", { for: id }, "ADQL"), again),
    h("div.ub-offered", {}, text, offers.element), verdict, foreign ? null : plan.element);

  function typed(value) {
    Object.assign(state, { adql: value, edited: true });
    again.hidden = false;
    say("");
    if (!foreign) check(value);
    plan.changed();
    changed();
  }
  function undo() {
    state.edited = false;
    again.hidden = true;
    back();
    text.focus();
  }
  const check = later(400, async (value) => {
    try {
      await askJson(transport, "POST", "api/adql/check", { adql: value, uploads: state.uploads });
      if (value === state.adql) say("This query can run.", "ub-good");
    } catch (refusal) {
      if (value === state.adql && refusal.status !== 404) fail(refusal);
    }
  });
  function say(words, look = "") {
    verdict.className = `ub-hint ${look}`;
    text.setAttribute("aria-invalid", "false");
    fill(verdict, words);
  }
  function fail(refusal) {
    if (!refusal) {
      say("");
      return;
    }
    verdict.className = "ub-field-error";
    text.setAttribute("aria-invalid", "true");
    fill(verdict, `${refusal.message} `, h("span.ub-muted", {}, refusal.remedy || ""));
  }
  return {
    element,
    fail,
    show: (value) => {
      check.cancel();
      offers.close();
      state.adql = value;
      text.value = value;
      again.hidden = !state.edited;
      say("");
      plan.changed();
    },
  };
}
