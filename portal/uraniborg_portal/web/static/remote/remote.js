/** Other TAP services: choose one and a table, fill the same form as for our catalogs, run, see the same result. */

import { adqlEditor } from "../browse/adql.js";
import { columns } from "../browse/columns.js";
import { completeFilters, filters, rowLimit } from "../browse/filters.js";
import { BROWSE_STYLE } from "../browse/look.js";
import { position } from "../browse/position.js";
import { showResult } from "../browse/result.js";
import { askJson } from "../shared/ask.js";
import { fill, h, later } from "../shared/dom.js";
import { adoptStyle } from "../shared/style.js";
import { count } from "../shared/words.js";
import { REMOTE_STYLE } from "./look.js";
import { formRequest, fullState, serviceOf } from "./state.js";
import { tables } from "./tables.js";

/**
 * Mount the page of other services.
 * @param {HTMLElement} root an empty element
 * @param {{transport: Transport, bokeh: *, state: ?Object, onChange: ?function(Object): void,
 *   onResult: ?function(Object): void}} context as for the catalog browser
 * @returns {{destroy: function(): void, state: function(): Object}}
 */
export function mount(root, context) {
  adoptStyle(root, BROWSE_STYLE);
  adoptStyle(root, REMOTE_STYLE);
  const browser = new RemoteBrowser(root, context);
  browser.start();
  return { destroy: () => browser.destroy(), state: () => structuredClone(browser.state) };
}

class RemoteBrowser {
  constructor(root, { transport, bokeh, state, onChange, onResult }) {
    Object.assign(this, { root, transport, bokeh, onChange, onResult });
    this.state = fullState(state);
    this.table = null;
    this.result = null;
    this.stopped = null;
    this.compose = later(200, () => this.makeQuery());
    const context = { transport, state: this.state, changed: () => this.changed() };
    this.tables = tables({ ...context, start: () => this.services(), changed: () => this.tell(), picked: () => this.pick() });
    this.position = position({ ...context, single: true });
    this.filters = filters(context);
    this.columns = columns(context);
    this.limit = rowLimit(context);
    this.editor = adqlEditor({
      ...context, foreign: true, changed: () => this.tell(), run: () => this.run(), back: () => this.makeQuery(),
    });
    this.build();
  }

  build() {
    this.trouble = h("div", { role: "alert" });
    this.button = h("button.ub-primary", { type: "submit" }, "Run query");
    this.stop = h("button", { type: "button", hidden: true, onclick: () => this.stopped?.abort() }, "Stop");
    this.status = h("span.ub-muted", { role: "status" });
    this.output = h("section.ub-stack.ub-output", { "aria-label": "Result" });
    this.where = h("div.ub-stack", {}, h("h2", {}, "Where"), this.position.element);
    this.without = h("p.ub-note", { hidden: true }, "This table says of no columns that they are its position: it is searched by conditions only.");
    const left = h("div.ub-stack", {}, this.where, this.without, h("h2", {}, "Conditions"), this.filters.element, this.limit.element);
    this.form = h("div.ub-form", { hidden: true }, left, h("div.ub-stack", {}, h("h2", {}, "Columns"), this.columns.element));
    const form = h("form.ub-card.ub-stack", { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.run(); } },
      this.tables.element, this.form, this.editor.element, this.trouble, h("div.ub-line", {}, this.button, this.stop, this.status));
    fill(this.root, h("div.ub-stack", {}, form, this.output));
  }

  /** Show which services there are, asked once; whoever searches or runs before that waits for it. */
  services() {
    this.offered ??= askJson(this.transport, "GET", "api/remote").catch((refusal) => {
      // Who asks again loads again.
      this.offered = null;
      throw refusal;
    }).then((offered) => {
      this.tables.show(offered);
      return offered;
    });
    return this.offered;
  }

  async start() {
    try {
      await this.services();
      if (this.state.query) await this.reopen();
      else if (this.state.table) await this.pick();
    } catch (refusal) {
      this.fail(refusal);
    }
  }

  /** Show the form of the chosen table; none where there is no table. */
  async pick() {
    const { table: name } = this.state;
    this.tell();
    this.form.hidden = true;
    this.table = null;
    this.fail(null);
    if (!name) {
      if (!this.state.edited) this.editor.show("");
      return;
    }
    this.status.textContent = "Reading the table's columns…";
    try {
      const asked = new URLSearchParams({ service: serviceOf(this.state), name });
      const found = await askJson(this.transport, "GET", `api/remote/table?${asked}`);
      if (name !== this.state.table) return;
      this.adopt(found);
      await this.makeQuery();
    } catch (refusal) {
      if (name === this.state.table) this.fail(refusal);
    } finally {
      if (name === this.state.table) this.status.textContent = "";
    }
  }

  adopt(found) {
    // Many services call no column principal: then all are asked for.
    const none = !found.columns.some(({ principal }) => principal);
    const described = found.columns.map((each) => ({ ...each, principal: none || each.principal }));
    this.table = { name: found.name, columns: described, position: { epoch: null, pmra: null } };
    const located = Boolean(found.ra && found.dec);
    this.where.hidden = !located;
    this.without.hidden = located;
    if (!located) this.state.target = "";
    for (const part of [this.position, this.filters, this.columns]) part.show(this.table);
    this.form.hidden = false;
  }

  changed() {
    this.tell();
    if (!this.state.edited) this.compose();
  }

  tell() {
    this.onChange?.(structuredClone(this.state));
  }

  async makeQuery() {
    if (!this.table || this.state.edited) return;
    try {
      const asked = formRequest(this.state, completeFilters(this.state, this.table));
      const made = await askJson(this.transport, "POST", "api/remote/form", asked);
      if (this.state.edited) return;
      this.editor.show(made.adql);
      this.fail(null);
    } catch (refusal) {
      if (this.state.edited) return;
      this.editor.show("");
      if (["target", "radius"].includes(refusal.field)) this.position.fail(refusal.field, refusal.message);
      else this.fail(refusal);
    }
    this.tell();
  }

  fail(refusal) {
    fill(this.trouble, refusal && h("div.ub-error", {}, h("p", {}, refusal.message), refusal.remedy && h("p", {}, refusal.remedy)));
  }

  async run() {
    if (this.stopped) return;
    this.fail(null);
    this.compose.cancel();
    await this.makeQuery();
    const { adql, rows } = this.state;
    if (!adql.trim()) {
      if (!this.table) this.fail({ message: "There is no query yet.", remedy: "Search for a table and choose it, or write ADQL." });
      return;
    }
    this.stopped = new AbortController();
    this.busy(true);
    const started = performance.now();
    const clock = setInterval(() => this.waited(started), 1000);
    this.waited(started);
    try {
      await this.services();
      const asked = { service: serviceOf(this.state), adql, rows };
      const described = await askJson(this.transport, "POST", "api/remote/queries", asked, this.stopped.signal);
      await this.show(described);
      this.onResult?.(described);
      this.output.scrollIntoView({ block: "start" });
    } catch (refusal) {
      if (this.stopped.signal.aborted) this.status.textContent = "Stopped.";
      else {
        this.status.textContent = this.result ? "What is below is still the result of the query before." : "";
        this.fail(refusal);
      }
    } finally {
      clearInterval(clock);
      this.stopped = null;
      this.busy(false);
    }
  }

  waited(started) {
    const seconds = Math.round((performance.now() - started) / 1000);
    this.status.textContent = `${serviceOf(this.state)} is asked, ${seconds} s…`;
  }

  busy(on) {
    this.button.disabled = on;
    this.stop.hidden = !on;
    if (on) this.stop.focus();
    else if (document.activeElement === document.body) this.button.focus();
  }

  /** Take up a kept result: its service and its text. */
  async reopen() {
    const described = await askJson(this.transport, "GET", `api/queries/${this.state.query}`);
    const same = this.state.adql === described.adql && this.state.table && !this.state.edited;
    if (same) await this.pick();
    else {
      const address = described.service.includes("://");
      Object.assign(this.state, { service: address ? "" : described.service, address: address ? described.service : "", table: null, edited: true });
      this.tables.show(await this.services());
      this.editor.show(described.adql);
    }
    await this.show(described);
  }

  async show(described) {
    this.result?.destroy();
    this.state.query = described.id;
    this.result = await showResult(this.output, {
      transport: this.transport, bokeh: await this.bokeh, described, plots: this.state.plots, changed: () => this.tell(),
    });
    this.status.textContent = `${count(described.rows)} ${described.rows === 1 ? "row" : "rows"} in ${described.seconds.toFixed(2)} s`;
    this.tell();
  }

  destroy() {
    this.compose.cancel();
    this.stopped?.abort();
    this.result?.destroy();
    this.root.replaceChildren();
  }
}
