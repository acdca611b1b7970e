/** What can stand at the place where someone writes a query, offered in a list below the text. */

import { askJson } from "../shared/ask.js";
import { fill, h, later, uniqueId } from "../shared/dom.js";

const WRITING = /[\w".]$/;
const HINT = "Tab takes the first, ↓ and Enter another one, Esc closes.";

/**
 * Offer tables, columns, functions and words in a text area.
 * @param {{transport: Transport, state: FormState, text: HTMLTextAreaElement, changed: function(): void}} context `changed` hears of what was
 *   put into the text
 * @returns {{element: HTMLElement, typed: function(): void, key: function(KeyboardEvent): boolean, close: function(): void}}
 *   `element` stands after the text in a positioned parent; `key` tells whether it took a key
 */
export function completion({ transport, state, text, changed }) {
  const id = uniqueId("offers");
  const list = h("ul", { id, role: "listbox", "aria-label": "Ways to go on" });
  const element = h("div.ub-offers", { hidden: true }, list, h("p.ub-muted", {}, HINT));
  for (const [name, value] of [["aria-autocomplete", "list"], ["aria-controls", id]]) text.setAttribute(name, value);
  let offers = [];
  let replaced = 0;
  let active = -1;

  const ask = later(150, async (wanted) => {
    const { value, selectionStart: at, selectionEnd: end } = text;
    const before = value.slice(0, at);
    if (at !== end || !(wanted || WRITING.test(before))) {
      close();
      return;
    }
    try {
      const found = await askJson(transport, "POST", "api/adql/complete", { before, after: value.slice(at), uploads: state.uploads });
      if (text.value === value && text.selectionStart === at) show(found, before);
    } catch {
      // The check of the whole query says what is wrong; an offer is never missed.
      close();
    }
  });

  function show(found, before) {
    replaced = [...before].slice([...before].length - found.replaced).join("").length;
    const written = before.slice(before.length - replaced);
    offers = found.suggestions.filter((offer) => offer.text !== written);
    active = -1;
    text.removeAttribute("aria-activedescendant");
    element.hidden = !offers.length;
    fill(list, offers.map((offer, index) => h("li", {
      id: `${id}-${index}`, role: "option", "aria-selected": "false",
      onmousedown: (event) => {
        event.preventDefault();
        take(offer);
      },
    }, h("span", { class: `ub-offer-${offer.kind}` }, offer.text), h("span.ub-muted", {}, offer.detail || offer.kind))));
  }

  function take(offer) {
    const at = text.selectionStart;
    text.setRangeText(offer.text, at - replaced, at, "end");
    close();
    changed();
  }

  function move(step) {
    active = (active + step + offers.length + (active < 0 && step < 0 ? 1 : 0)) % offers.length;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === active)));
    list.children[active].scrollIntoView({ block: "nearest" });
    text.setAttribute("aria-activedescendant", `${id}-${active}`);
  }

  function close() {
    ask.cancel();
    offers = [];
    active = -1;
    element.hidden = true;
    text.removeAttribute("aria-activedescendant");
  }

  function key(event) {
    if (event.key === " " && event.ctrlKey) {
      ask(true);
      return true;
    }
    if (element.hidden) return false;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape") close();
    else if (event.key === "Tab" && !event.shiftKey) take(offers[Math.max(0, active)]);
    else if (event.key === "Enter" && active >= 0 && !event.ctrlKey && !event.metaKey) take(offers[active]);
    else {
      if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) close();
      return false;
    }
    return true;
  }

  return { element, typed: () => ask(false), key, close };
}
