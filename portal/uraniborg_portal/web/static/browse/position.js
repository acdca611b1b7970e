/** Where on the sky: a name or coordinates, resolved while the reader types, or a list; a radius, and the positions' epoch. */

import { askJson } from "../shared/ask.js";
import { choice, field, h, later } from "../shared/dom.js";
import { sexagesimal } from "../shared/words.js";
import { targetList } from "./targets.js";

const UNITS = [["arcsec", "arcsec"], ["arcmin", "arcmin"], ["deg", "deg"]];

/**
 * The fields for a cone.
 * @param {{transport: Transport, state: FormState, changed: function(): void}} context `changed` after each edit
 * @returns {{element: HTMLElement, show: function(Catalog): void, fail: function(string, string): void,
 *   again: function(): boolean}} `single` leaves out lists of targets; `again` has the list of targets read anew, and says whether there is one
 */
export function position({ transport, state, changed, single = false }) {
  const target = field("Object, event or coordinates", h("input", {
    type: "text", name: "target", value: state.target || "", autocomplete: "off", spellcheck: "false",
    placeholder: "M42, Barnard's star, 05 35 17 −05 23 28 …", oninput: (event) => typed(event.target.value),
  }), "Leave it empty for the whole sky.");
  const hint = target.element.querySelector(".ub-hint");
  hint.setAttribute("aria-live", "polite");
  const amount = h("input", {
    type: "text", inputmode: "decimal", name: "radius", value: state.radius, "aria-label": "Radius",
    oninput: (event) => edit({ radius: event.target.value.trim() }),
  });
  const unit = choice(UNITS, state.radiusUnit, {
    name: "radius-unit", "aria-label": "Unit of the radius", onchange: (event) => edit({ radiusUnit: event.target.value }),
  });
  const radius = field("Radius", amount);
  amount.removeAttribute("aria-label");
  const pair = h("div.ub-amount");
  amount.replaceWith(pair);
  pair.append(amount, unit);
  const move = epochRow(state, edit);
  const list = targetList({ transport, state, changed });
  const kinds = [["One target", false], ["A list of targets", true]].map(([words, many]) => h("button", {
    type: "button", onclick: () => choose(many),
  }, words));
  const element = h("div.ub-stack", {}, h("div.ub-segments", { role: "group", "aria-label": "How many targets", hidden: single }, kinds),
    list.element, h("div.ub-where", {}, target.element, radius.element), move.element);

  function choose(many) {
    state.many = many;
    // Half a degree around each of many targets is hardly ever meant.
    const [amountNow, unitNow] = many ? ["30", "arcmin"] : ["5", "arcsec"];
    if (state.radius === amountNow && state.radiusUnit === unitNow) {
      [state.radius, state.radiusUnit] = many ? ["5", "arcsec"] : ["30", "arcmin"];
      amount.value = state.radius;
      unit.value = state.radiusUnit;
    }
    draw();
    edit({});
  }
  function draw() {
    kinds.forEach((button, at) => button.setAttribute("aria-pressed", String(Boolean(at) === state.many)));
    list.element.hidden = !state.many;
    target.element.hidden = state.many;
  }

  function edit(change) {
    Object.assign(state, change);
    radius.fail("");
    changed();
  }
  function typed(value) {
    state.target = value.trim();
    target.fail("");
    resolve.cancel();
    if (!state.target) target.hint("Leave it empty for the whole sky.");
    else resolve(state.target);
    changed();
  }
  const resolve = later(350, async (name) => {
    try {
      const found = await askJson(transport, "GET", `api/resolve?name=${encodeURIComponent(name)}`);
      if (name === state.target) target.hint(...foundText(found));
    } catch (refusal) {
      if (name === state.target) notFound(refusal);
    }
  });
  function notFound(refusal) {
    target.fail(refusal.message);
    const names = refusal.suggestions || [];
    const button = (name) => h("button.ub-link", { type: "button", onclick: () => take(name) }, name);
    target.hint(...(names.length ? ["Did you mean ", names.map((name, at) => [at ? ", " : "", button(name)]), "?"] : []));
  }
  function take(name) {
    target.control.value = name;
    target.control.focus();
    typed(name);
  }
  draw();
  if (state.target) resolve(state.target);
  return {
    element,
    show: move.show,
    again: list.again,
    fail: (name, message) => ({ target, radius, targets: list })[name]?.fail(message),
  };
}

function foundText(found) {
  const place = found.ra === null ? ["no position"] : [sexagesimal(found.ra, found.dec)];
  return [h("strong", {}, found.name), ` · ${found.kind} · `, place, ` · ${found.source}`];
}

function epochRow(state, edit) {
  const year = h("input", {
    type: "text", inputmode: "decimal", name: "epoch", "aria-label": "Julian year to move the stars to", value: state.epochYear,
    style: { width: "6rem", flex: "none" }, oninput: (event) => edit({ epochYear: event.target.value.trim() }),
  });
  const box = h("input", {
    type: "checkbox", name: "move", checked: state.move, onchange: (event) => edit({ move: event.target.checked }),
  });
  const words = h("span.ub-hint");
  const element = h("div.ub-line.ub-epoch", { hidden: true }, h("label", {}, box, "Move the stars to"), year, words);
  const show = (catalog) => {
    const { epoch, pmra } = catalog.position;
    element.hidden = !(epoch && pmra);
    words.textContent = epoch ? `Positions are of J${epoch}; proper motions carry them.` : "";
  };
  return { element, show };
}
