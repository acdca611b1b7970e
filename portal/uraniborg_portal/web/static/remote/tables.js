/** Which service, and which of its tables: a list of services, a search, and what it finds. */

import { askJson } from "../shared/ask.js";
import { choice, field, fill, h } from "../shared/dom.js";
import { serviceOf } from "./state.js";

/**
 * The fields for a table of another service.
 * @param {{transport: Transport, state: RemoteState, start: function(): Promise<*>, picked: function(): void,
 *   changed: function(): void}} context `start` loads what is shown, once: a search waits for it;
 *   `picked` after a table was chosen, or the service changed
 * @returns {{element: HTMLElement, show: function({services: Array<*>, addresses: boolean, hosts: string}): void}}
 */
export function tables({ transport, state, start, picked, changed }) {
  const where = h("div.ub-stack.ub-tight");
  const word = h("input", {
    type: "search", name: "search", value: state.search, autocomplete: "off", spellcheck: "false",
    oninput: (event) => keep({ search: event.target.value }),
    onkeydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      search();
    },
  });
  const words = field("Tables with a word in their name or description", word, "Leave it empty for the first 200 tables.");
  const button = h("button", { type: "button", onclick: () => search() }, "Search tables");
  const said = h("p.ub-hint", { role: "status" });
  const list = h("div.ub-stack.ub-tight.ub-tables", { role: "radiogroup", "aria-label": "Tables found" });
  const element = h("div.ub-stack", {}, where, words.element, h("div.ub-line", {}, button, said), list);
  let turn = 0;

  function keep(change) {
    Object.assign(state, change);
    changed();
  }
  function move(change) {
    turn += 1;
    fill(list);
    said.textContent = "";
    keep({ ...change, table: null, columns: null, filters: [] });
    address.element.hidden = Boolean(state.service);
    picked();
  }
  const address = field("Address of a TAP service", h("input", {
    type: "url", name: "address", value: state.address,
    onchange: (event) => move({ address: event.target.value.trim() }),
  }));
  async function search() {
    turn += 1;
    const mine = turn;
    words.fail("");
    said.textContent = "Searching…";
    button.disabled = true;
    try {
      await start();
      const asked = new URLSearchParams({ service: serviceOf(state), search: state.search });
      const found = await askJson(transport, "GET", `api/remote/tables?${asked}`);
      if (mine !== turn) return;
      said.textContent = found.length === 1 ? "1 table" : `${found.length} tables`;
      fill(list, found.map(row));
    } catch (refusal) {
      if (mine !== turn) return;
      said.textContent = "";
      words.fail(`${refusal.message} ${refusal.remedy || ""}`);
    } finally {
      if (mine === turn) button.disabled = false;
    }
  }
  function row(table) {
    const box = h("input", {
      type: "radio", name: "table", value: table.name, checked: table.name === state.table,
      onchange: () => {
        keep({ table: table.name, columns: null, filters: [], edited: false });
        picked();
      },
    });
    return h("label", {}, box, h("span", {}, h("strong", {}, table.name), " ", h("span.ub-muted", {}, table.description.slice(0, 300))));
  }
  return {
    element,
    show: ({ services, addresses, hosts }) => {
      const options = services.map(({ name, title }) => [name, title]);
      if (addresses) options.push(["", "Another one, by its address"]);
      if (state.service === null) state.service = options[0]?.[0] ?? null;
      if (!options.length) {
        fill(where, h("p.ub-note", {}, "This portal asks no other service: its operator has switched the network off, and named none."));
        button.disabled = word.disabled = true;
        return;
      }
      const select = choice(options, state.service, { name: "service", onchange: (event) => move({ service: event.target.value }) });
      address.hint(`Hosts that may be asked: ${hosts}.`);
      address.element.hidden = Boolean(state.service);
      fill(where, field("Service", select).element, address.element);
    },
  };
}
