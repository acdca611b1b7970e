/** What a query would read and do, before it runs: asked for once someone wants to know. */

import { askJson } from "../shared/ask.js";
import { fill, h, later } from "../shared/dom.js";
import { count, size } from "../shared/words.js";

const HEADS = ["Table", "Shards", "Rows, about", "Size, about", "Columns"];

/**
 * The explanation of the query that stands in the form.
 * @param {{transport: Transport, state: FormState}} context `state` holds the query, its row limit and its tables
 * @returns {{element: HTMLElement, changed: function(): void}} `changed` is to be called when the query is another one
 */
export function explanation({ transport, state }) {
  const body = h("div.ub-stack.ub-tight", { "aria-live": "polite" });
  const element = h("details", { ontoggle: () => { if (element.open) ask(); } }, h("summary", {}, "What it would read"), body);

  async function ask() {
    const { adql, rows, uploads } = state;
    if (!adql?.trim()) {
      fill(body, h("p.ub-muted", {}, "There is no query yet."));
      return;
    }
    try {
      const told = await askJson(transport, "POST", "api/adql/explain", { adql, rows, uploads });
      if (adql === state.adql) fill(body, h("p", {}, told.words), table(told.tables));
    } catch (refusal) {
      if (adql === state.adql) fill(body, h("p.ub-muted", {}, `${refusal.message} ${refusal.remedy || ""}`));
    }
  }
  const again = later(400, ask);
  return { element, changed: () => { if (element.open) again(); } };
}

function table(rows) {
  const shards = (each) => each.of_shards ? `${count(each.shards)} of ${count(each.of_shards)}` : "";
  const values = (each) => [shards(each), count(each.rows), each.bytes === null ? "" : size(each.bytes), each.columns];
  const line = (each) => h("tr", {}, h("th", { scope: "row" }, each.table),
    // Where the page is narrow, a value stands behind its own head.
    values(each).map((value, place) => h("td", { "data-head": HEADS[place + 1] }, value)));
  return h("div.ub-columns-box", {}, h("table.ub-columns.ub-labelled", {},
    h("thead", {}, h("tr", {}, HEADS.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, rows.map(line))));
}
