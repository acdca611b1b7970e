/** The catalog browser: pick a catalog, say what to look for, see the query, run it, look at the result. */

import { askJson } from "../shared/ask.js";
import { choice, field, fill, h, later } from "../shared/dom.js";
import { adoptStyle } from "../shared/style.js";
import { terms } from "../shared/terms.js";
import { count } from "../shared/words.js";
import { queryCard } from "../queries/card.js";
import { followQuery, makeQuery } from "../queries/client.js";
import { QUERIES_STYLE } from "../queries/look.js";
import { adqlEditor } from "./adql.js";
import { columns } from "./columns.js";
import { completeFilters, filters, rowLimit } from "./filters.js";
import { BROWSE_STYLE } from "./look.js";
import { position } from "./position.js";
import { showResult } from "./result.js";
import { formRequest, fullState } from "./state.js";

/**
 * Mount the browser.
 *
 * @param {HTMLElement} root an empty element
 * @param {{transport: Transport, bokeh: *, state: ?Object, nonce: ?string, onChange: ?function(Object): void,
 *   onResult: ?function(Object): void}} context `transport.request` and `transport.events` reach the portal; `bokeh` is
 *   BokehJS or a promise of it; `state` is what `state()` gave; `onResult` gets the description of each result
 * @returns {{destroy: function(): void, state: function(): Object}}
 */
export function mount(root, context) {
  adoptStyle(root, BROWSE_STYLE);
  adoptStyle(root, QUERIES_STYLE);
  const browser = new Browser(root, context);
  browser.start();
  return { destroy: () => browser.destroy(), state: () => structuredClone(browser.state) };
}

class Browser {
  constructor(root, { transport, bokeh, state, onChange, onResult }) {
    Object.assign(this, { root, transport, bokeh, onChange, onResult });
    this.state = fullState(state);
    this.result = null;
    this.behind = null;
    this.turn = 0;
    this.compose = later(200, () => this.makeQuery());
    const context = { transport, state: this.state, changed: () => this.changed() };
    this.position = position(context);
    this.filters = filters(context);
    this.columns = columns(context);
    this.limit = rowLimit(context);
    this.editor = adqlEditor({
      ...context, changed: () => this.tell(), run: () => this.run(), back: () => this.makeQuery(),
    });
    this.build();
  }

  build() {
    this.about = h("div.ub-stack.ub-tight");
    this.terms = h("div");
    this.notes = h("div.ub-stack.ub-tight", { "aria-live": "polite" });
    this.trouble = h("div", { role: "alert" });
    this.button = h("button.ub-primary", { type: "submit" }, "Run query");
    this.later = h("button", { type: "button", title: "It goes on when this page is closed", onclick: () => this.runBehind() }, "Run in the background");
    this.status = h("span.ub-muted", { role: "status" });
    this.background = h("div");
    this.output = h("section.ub-stack.ub-output", { "aria-label": "Result" });
    const where = h("div.ub-stack", {}, h("h2", {}, "Where"), this.position.element, h("h2", {}, "Conditions"),
      this.filters.element, this.limit.element);
    const what = h("div.ub-stack", {}, h("h2", {}, "Columns"), this.columns.element);
    const form = h("form.ub-card.ub-stack", { novalidate: true, onsubmit: (event) => this.submitted(event) },
      this.about, h("div.ub-form", {}, where, what), this.editor.element, this.notes, this.trouble,
      h("div.ub-line", {}, this.button, this.later, this.status));
    fill(this.root, h("div.ub-stack", {}, form, this.background, this.output, this.terms));
  }

  /** Load what the form is made of, once; whoever runs a query before that waits for it. */
  start() {
    this.started ??= this.load();
    return this.started;
  }

  async load() {
    try {
      this.catalogs = await askJson(this.transport, "GET", "api/catalogs");
      const known = this.catalogs.some(({ name }) => name === this.state.catalog);
      if (!known) this.state.catalog = this.catalogs[0]?.name ?? null;
      this.pick();
      if (this.state.job) await this.comeBack();
      else if (this.state.query) await this.reopen();
      else if (!this.state.edited) await this.makeQuery();
    } catch (refusal) {
      // Who asks again loads again.
      if (!this.catalogs) this.started = null;
      this.fail(refusal);
    }
  }

  pick() {
    const catalog = this.catalog;
    if (!catalog) return;
    const options = this.catalogs.map(({ name, title }) => [name, title]);
    const select = choice(options, catalog.name, { name: "catalog", onchange: (event) => this.change(event.target.value) });
    const without = catalog.rows_without_position;
    const told = !without || catalog.description.includes(String(without));
    const set = told ? "" : ` ${count(without)} rows of the source have no position and are left out.`;
    fill(this.about, field("Catalog", select).element,
      h("p.ub-muted", {}, `${catalog.description} ${count(catalog.rows)} rows can be searched.${set}`));
    fill(this.terms, terms(catalog));
    for (const part of [this.position, this.filters, this.columns]) part.show(catalog);
  }

  get catalog() {
    return this.catalogs?.find(({ name }) => name === this.state.catalog) || null;
  }

  change(name) {
    Object.assign(this.state, { catalog: name, columns: null, edited: false });
    this.pick();
    this.changed();
    this.about.querySelector("select").focus();
  }

  changed() {
    this.tell();
    if (!this.state.edited) this.compose();
  }

  tell() {
    this.onChange?.(structuredClone(this.state));
  }

  async makeQuery() {
    const catalog = this.catalog;
    if (!catalog || this.state.edited) return;
    if (this.state.many && !this.state.targets) {
      this.editor.show("");
      this.showNotes([]);
      this.tell();
      return;
    }
    const asked = formRequest(this.state, completeFilters(this.state, catalog), catalog);
    try {
      const made = await askJson(this.transport, "POST", "api/queries/form", asked);
      // Who has begun to write meanwhile keeps what is written.
      if (this.state.edited) return;
      this.state.uploads = made.uploads || {};
      this.editor.show(made.adql);
      this.showNotes(made.notes);
      this.fail(null);
    } catch (refusal) {
      if (this.state.edited) return;
      this.editor.show("");
      // The portal keeps lists for days; a form may be older.
      if (this.state.many && refusal.status === 404 && this.position.again()) return;
      if (!this.beside(refusal)) this.fail(refusal);
    }
    this.tell();
  }

  /** Show a refusal beside its field; say whether there is one. */
  beside(refusal) {
    if (!["target", "radius", "targets"].includes(refusal.field)) return false;
    this.position.fail(refusal.field, refusal.message);
    return true;
  }

  showNotes(notes) {
    this.said = notes || [];
    fill(this.notes, this.said.map((note) => h("p.ub-note", {}, note)));
  }

  fail(refusal) {
    fill(this.trouble, refusal && h("div.ub-error", {}, h("p", {}, refusal.message), refusal.remedy && h("p", {}, refusal.remedy)));
  }

  submitted(event) {
    event.preventDefault();
    this.run();
  }

  async run() {
    this.button.disabled = true;
    await this.attempt("Running…", async (asked, mine) => {
      const described = await askJson(this.transport, "POST", "api/queries", asked);
      if (mine !== this.turn) return;
      this.leaveBehind();
      await this.showNew(described);
    });
    this.button.disabled = false;
  }

  /** Have the query run in the background, whatever becomes of one that is running here. */
  async runBehind() {
    this.later.disabled = true;
    await this.attempt("", async (asked) => this.follow(await makeQuery(this.transport, asked)));
    this.later.disabled = false;
  }

  /** Do something with the query as it stands now; what is wrong with it is said where it is. */
  async attempt(words, action) {
    this.turn += 1;
    const mine = this.turn;
    this.status.textContent = words;
    this.fail(null);
    try {
      await this.start();
      if (!this.state.edited) {
        this.compose.cancel();
        await this.makeQuery();
      }
      const { adql, rows, uploads } = this.state;
      if (adql.trim()) await action({ adql, rows, uploads }, mine);
    } catch (refusal) {
      if (mine === this.turn) this.refused(refusal);
    } finally {
      if (mine === this.turn && this.status.textContent === words) this.status.textContent = "";
    }
  }

  refused(refusal) {
    if (refusal.field === "QUERY" || refusal.line) this.editor.fail(refusal);
    else this.fail(refusal);
    if (refusal.code === "took_too_long") {
      this.trouble.firstChild.append(h("p", {}, h("button", { type: "button", onclick: () => this.runBehind() }, "Run it in the background")));
    }
    if (this.result) this.status.textContent = "What is below is still the result of the query before.";
  }

  /** Show a query that runs in the background as it goes on, and its result once it is there. */
  follow(query) {
    this.leaveBehind();
    this.state.job = query.id;
    const card = queryCard({
      transport: this.transport, onOpen: (described) => this.arrived(described), onGone: () => this.leaveBehind(),
    });
    const list = this.transport.url;
    const where = list ? h("a", { href: list("queries") }, "My queries") : "ub.queries()";
    const hint = h("p.ub-hint", {}, "You can go on, or close this page: ", where, " has it.");
    fill(this.background, h("div.ub-stack.ub-tight", {}, card.element, hint));
    const stop = followQuery(this.transport, query.id, (now) => {
      const here = this.behind?.phase && this.behind.phase !== now.phase;
      if (this.behind) this.behind.phase = now.phase;
      card.show(now, now.now);
      if (now.phase === "COMPLETED" && here) card.open();
    }, (refusal) => this.fail(refusal));
    this.behind = { phase: query.phase, stop: () => { stop(); card.destroy(); } };
    card.show(query);
    this.tell();
  }

  /** Show the result of the query that was followed, in place of its card. */
  async arrived(described) {
    this.leaveBehind();
    await this.showNew(described);
  }

  leaveBehind() {
    this.behind?.stop();
    this.behind = null;
    this.state.job = null;
    fill(this.background);
    this.tell();
  }

  /** Take up a query that runs in the background, or ran: another page or a closed tab made it. */
  async comeBack() {
    const query = await askJson(this.transport, "GET", `api/async/${this.state.job}`);
    this.adopt(query.adql);
    this.follow(query);
  }

  async showNew(described) {
    await this.show(described);
    this.onResult?.(described);
    this.output.scrollIntoView({ block: "start" });
  }

  async reopen() {
    const described = await askJson(this.transport, "GET", `api/queries/${this.state.query}`);
    const uploads = Object.fromEntries((described.uploads || []).map(({ name, id }) => [name, id]));
    if (!this.state.edited && this.state.adql === described.adql) await this.makeQuery();
    else if (described.adql) this.adopt(described.adql, uploads);
    await this.show(described);
  }

  /** Show a query that this form did not make: its text, and the catalog that it reads. */
  adopt(adql, uploads = {}) {
    const names = adql.toLowerCase().match(/\w+/g) || [];
    const read = this.catalogs.find(({ name }) => names.includes(name));
    Object.assign(this.state, { edited: true, uploads, catalog: read ? read.name : this.state.catalog });
    this.pick();
    this.editor.show(adql);
  }

  async show(described) {
    this.result?.destroy();
    this.state.query = described.id;
    const seconds = described.seconds === undefined ? "" : ` in ${described.seconds.toFixed(2)} s`;
    this.status.textContent = `${count(described.rows)} ${described.rows === 1 ? "row" : "rows"}${seconds}`;
    // The result says its notes itself, and keeps them when the form goes on.
    this.showNotes(this.said?.filter((note) => !described.notes?.includes(note)));
    this.result = await showResult(this.output, {
      transport: this.transport, bokeh: await this.bokeh, described, plots: this.state.plots, changed: () => this.tell(),
    });
    this.tell();
  }

  destroy() {
    this.compose.cancel();
    this.behind?.stop();
    this.result?.destroy();
    this.root.replaceChildren();
  }
}
