/** One's own queries that run, or ran, in the background: the newest first, live, with all that can be done with them. */

import { fill, h } from "../shared/dom.js";
import { adoptStyle } from "../shared/style.js";
import { BROWSE_STYLE } from "../browse/look.js";
import { showResult } from "../browse/result.js";
import { queryCard } from "./card.js";
import { followList } from "./client.js";
import { QUERIES_STYLE } from "./look.js";

const NONE = "No query of yours runs in the background, and none is kept. “Run in the background” below a query makes one; so does every TAP client that asks asynchronously and is signed in.";
const LIMIT = "Older ones are not shown: delete some of these to see them.";

/**
 * Mount the list.
 *
 * @param {HTMLElement} root an empty element
 * @param {{transport: Transport, bokeh: *, state: ?Object, nonce: ?string, onChange: ?function(Object): void,
 *   onResult: ?function(Object): void}} context `onResult` gets the description of each result that is opened in place; where
 *   the transport leads to pages (`go`), the result's own page is opened instead
 * @returns {{destroy: function(): void, state: function(): Object}}
 */
export function mount(root, { transport, bokeh, onResult }) {
  adoptStyle(root, BROWSE_STYLE);
  adoptStyle(root, QUERIES_STYLE);
  const trouble = h("div", { role: "alert" });
  const list = h("div.ub-stack", { role: "list", "aria-label": "My queries" });
  const words = h("p.ub-muted", {}, "Asking the portal…");
  const output = h("section.ub-stack.ub-output", { "aria-label": "Result" });
  fill(root, h("div.ub-stack", {}, trouble, words, list, output));
  const cards = new Map();
  let result = null;

  async function open(described) {
    if (transport.go) {
      transport.go(`queries/${described.id}`);
      return;
    }
    result?.destroy();
    result = await showResult(output, { transport, bokeh: await bokeh, described, plots: {}, changed: () => undefined });
    output.scrollIntoView({ block: "start" });
    onResult?.(described);
  }
  function cardOf(query) {
    if (!cards.has(query.id)) {
      const card = queryCard({ transport, onOpen: open, onAgain: () => following.look(), onGone: () => following.look() });
      card.element.setAttribute("role", "listitem");
      cards.set(query.id, card);
    }
    return cards.get(query.id);
  }
  function show({ queries, more, now }) {
    fill(trouble);
    words.textContent = queries.length ? (more ? LIMIT : "") : NONE;
    words.hidden = !words.textContent;
    const wanted = queries.map((query) => {
      const card = cardOf(query);
      card.show(query, now);
      return card.element;
    });
    for (const [id, card] of cards) {
      if (queries.some((query) => query.id === id)) continue;
      card.destroy();
      card.element.remove();
      cards.delete(id);
    }
    // What is in its place already is left there, with the reader's focus and open details.
    wanted.forEach((element, index) => {
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] || null);
    });
  }
  function fail(refusal) {
    words.hidden = true;
    fill(trouble, h("div.ub-error", {}, h("p", {}, refusal.message), refusal.remedy && h("p", {}, refusal.remedy)));
  }
  const following = followList(transport, show, fail);
  // Others (another tab, a TAP client) may have made queries since.
  const seen = () => { if (!document.hidden) following.look(); };
  document.addEventListener("visibilitychange", seen);
  return {
    destroy: () => {
      document.removeEventListener("visibilitychange", seen);
      following.stop();
      cards.forEach((card) => card.destroy());
      result?.destroy();
      root.replaceChildren();
    },
    state: () => ({}),
  };
}
