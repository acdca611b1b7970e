/** An instrument: its form, the running job, and the product. */

import { askJson } from "../shared/ask.js";
import { fill, h, uniqueId } from "../shared/dom.js";
import { adoptStyle } from "../shared/style.js";
import { terms } from "../shared/terms.js";
import { instrumentForm, productChoice } from "./form.js";
import { followJob } from "./job.js";
import { INSTRUMENT_STYLE } from "./look.js";
import { showProduct } from "./product.js";

/**
 * Mount an instrument.
 *
 * @param {HTMLElement} root an empty element
 * @param {{transport: Transport, bokeh: *, state: ?Object, nonce: ?string, onChange: ?function(Object): void,
 *   onResult: ?function(Object): void}} context `state` is `{name, values}` for a form, `{job}` for a page that follows a
 *   job, `{product}` for one that shows a product; `bokeh` is BokehJS or a promise of it; `onResult` gets each product
 * @returns {{destroy: function(): void, state: function(): Object}}
 */
export function mount(root, context) {
  adoptStyle(root, INSTRUMENT_STYLE);
  const view = new InstrumentView(root, context);
  view.start();
  return { destroy: () => view.destroy(), state: () => structuredClone(view.state) };
}

class InstrumentView {
  constructor(root, { transport, bokeh, state, onChange, onResult, onJob }) {
    Object.assign(this, { root, transport, bokeh, onChange, onResult, onJob });
    this.state = { name: null, values: {}, job: null, product: null, ...structuredClone(state || {}) };
    this.form = h("div");
    this.work = h("div", { "aria-live": "off" });
    this.result = h("div.ub-stack");
    fill(root, h("div.ub-stack", {}, this.form, this.work, this.result));
  }

  async start() {
    try {
      if (this.state.name) await this.showForm();
      if (this.state.product) await this.show(this.state.product);
      else if (this.state.job) await this.follow(await askJson(this.transport, "GET", `api/jobs/${this.state.job}`));
    } catch (refusal) {
      this.fail(refusal);
    }
  }

  async showForm() {
    this.described = await askJson(this.transport, "GET", `api/instruments/${this.state.name}`);
    const { described, state } = this;
    const properties = described.schema.properties;
    state.values.product ??= properties.product?.default;
    const shown = { ...described, form: described.form.map((names) => names.filter((name) => name !== "product")) };
    this.trouble = h("div", { role: "alert" });
    this.button = h("button.ub-primary", { type: "submit" }, "Run");
    this.fields = instrumentForm({ described: { ...shown, form: shown.form.filter((names) => names.length) }, values: state.values, changed: () => this.tell() });
    const pick = (product) => {
      state.values.product = product;
      this.showForm();
      this.tell();
    };
    const products = productChoice({ described, value: state.values.product, pick, name: uniqueId("product") });
    const focused = this.form.contains(document.activeElement) ? state.values.product : null;
    fill(this.form, h("form.ub-card.ub-stack", { novalidate: true, onsubmit: (event) => this.submitted(event) },
      products, this.fields.element, this.trouble, h("div.ub-line", {}, this.button), terms(described)));
    if (focused) this.form.querySelector("input[type=radio]:checked")?.focus();
  }

  tell() {
    this.onChange?.(structuredClone(this.state));
  }

  submitted(event) {
    event.preventDefault();
    this.run();
  }

  async run() {
    this.button.disabled = true;
    this.fields.clear();
    fill(this.trouble);
    this.clear();
    try {
      const values = { ...this.fields.values(), product: this.state.values.product };
      const job = await askJson(this.transport, "POST", `api/instruments/${this.state.name}/jobs`, values);
      this.onJob?.(job);
      await this.follow(job);
    } catch (refusal) {
      this.refused(refusal);
    }
  }

  refused(refusal) {
    this.button.disabled = false;
    if (refusal.field && this.fields.fail(refusal.field, refusal.message)) return;
    this.fail(refusal);
  }

  fail(refusal) {
    const words = h("div.ub-error", {}, h("p", {}, refusal.message), refusal.remedy && h("p", {}, refusal.remedy));
    fill(this.trouble || this.work, words);
  }

  async follow(job) {
    this.state.job = job.id;
    this.tell();
    if (job.state === "done" && job.product) {
      this.ready();
      await this.show(job.product);
      return;
    }
    this.running?.destroy();
    this.running = followJob(this.work, { transport: this.transport, job, onEnd: (final) => this.ended(job, final) });
  }

  ready() {
    if (this.button) this.button.disabled = false;
  }

  async ended(job, final) {
    this.ready();
    if (final.state !== "done") return;
    try {
      const product = final.product || (await askJson(this.transport, "GET", `api/jobs/${job.id}`)).product;
      await this.show(product);
    } catch (refusal) {
      this.fail(refusal);
    }
  }

  async show(id) {
    this.shown?.destroy();
    this.state.product = id;
    this.shown = await showProduct(this.result, { transport: this.transport, bokeh: await this.bokeh, id, terms: !this.state.name });
    this.tell();
    this.onResult?.(this.shown.product);
  }

  clear() {
    this.running?.destroy();
    this.shown?.destroy();
    this.shown = null;
    fill(this.work);
    Object.assign(this.state, { job: null, product: null });
  }

  destroy() {
    this.clear();
    this.root.replaceChildren();
  }
}
