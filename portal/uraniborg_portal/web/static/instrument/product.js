/** A product: its view, its facts, its files, how it was made and how to make it again. */

import { askJson } from "../shared/ask.js";
import { copyText } from "../shared/clipboard.js";
import { fill, h } from "../shared/dom.js";
import { saveFile } from "../shared/files.js";
import { paintView } from "../shared/repaint.js";
import { terms } from "../shared/terms.js";
import { watchTheme } from "../shared/theme.js";
import { number, size, unitText } from "../shared/words.js";

/**
 * Show a product.
 * @param {HTMLElement} place
 * @param {{transport: Transport, bokeh: *, id: string, terms: boolean}} context `terms` shows licence and citation
 * @returns {Promise<{destroy: function(): void, product: Product}>}
 */
export async function showProduct(place, { transport, bokeh, id, terms: shown }) {
  const product = await askJson(transport, "GET", `api/products/${id}`);
  const source = product.licence ? product : await askJson(transport, "GET", `api/instruments/${product.instrument}`);
  const figure = h("figure.ub-view", { role: "img", "aria-label": product.title || `View of the product of ${product.instrument}` });
  const element = h("div.ub-stack", {},
    h("section.ub-card.ub-stack", { "aria-label": "View" }, h("h2", {}, product.title || product.instrument), figure, facts(product)),
    h("div.ub-halves", {}, files(transport, product), made(product)), python(product), log(product), shown ? terms(source) : null);
  fill(place, element);
  const item = await askJson(transport, "GET", `api/products/${id}/view`);
  const drawn = await draw(figure, bokeh, item);
  return {
    product,
    destroy: () => {
      drawn();
      place.replaceChildren();
    },
  };
}

async function draw(figure, bokeh, item) {
  const place = h("div");
  fill(figure, place);
  const manager = await bokeh.embed.embed_item(item, place);
  const roots = manager.roots ? manager.roots.map((view) => view.model) : [manager.model];
  return watchTheme((dark) => roots.forEach((root) => paintView(root, dark)));
}

function facts({ facts: list }) {
  return h("dl.ub-facts", {}, (list || []).map((fact) => h("div", {}, h("dt", {}, fact.title), h("dd", {}, factText(fact)))));
}

function factText({ value, unit, text }) {
  const words = text || (typeof value === "number" ? number(value, 8) : String(value));
  return unit ? `${words} ${unitText(unit)}` : words;
}

function files(transport, { id, files: list }) {
  const rows = list.map((file) => h("li.ub-line.ub-spread", {},
    h("span", {}, h("strong", {}, file.name), h("small.ub-block.ub-muted", {}, file.description || file.media_type, ` · ${size(file.size)}`),
      h("small.ub-block.ub-hash", { title: `SHA-256 ${file.sha256}` }, `SHA-256 ${file.sha256.slice(0, 16)}…`)),
    h("button", { type: "button", "aria-label": `Download ${file.name}`, onclick: () => saveFile(transport, `api/products/${id}/files/${encodeURIComponent(file.name)}`, file.name) }, "Download")));
  return h("section.ub-card.ub-stack", {}, h("h2", {}, "Files"), h("ul.ub-plain", {}, rows));
}

function made({ instrument, version, parameters, created, provenance }) {
  const when = new Date(created * 1000).toISOString().replace("T", " ").slice(0, 19);
  return h("section.ub-card.ub-stack", {}, h("h2", {}, "How it was made"),
    h("p.ub-muted", {}, `Instrument ${instrument}, version ${version}. Made ${when} UTC.`),
    pairs(Object.entries(parameters)), provenance ? origin(provenance) : null);
}

function pairs(entries) {
  return h("dl.ub-parameters", {}, entries.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value === null ? "none" : String(value)))));
}

function origin({ inputs, libraries }) {
  const parts = [["Data files", inputs], ["Software", libraries]].filter(([, entries]) => entries && Object.keys(entries).length);
  return h("details", {}, h("summary", {}, "Data files and software"),
    parts.map(([title, entries]) => [h("h3.ub-sub", {}, title), pairs(Object.entries(entries))]));
}

function python({ python: code }) {
  const done = h("span.ub-good", { role: "status" });
  const copy = async () => {
    try {
      await copyText(code);
      done.textContent = "Copied.";
    } catch (trouble) {
      done.textContent = trouble.message;
    }
  };
  return h("section.ub-card.ub-stack", {},
    h("div.ub-line.ub-spread", {}, h("h2", {}, "Python that repeats it"), h("span.ub-line", {}, done, h("button", { type: "button", onclick: copy }, "Copy Python"))),
    h("pre", { tabindex: "0" }, code));
}

function log({ log: lines }) {
  const text = Array.isArray(lines) ? lines.map((each) => each.line ?? each).join("\n") : lines || "";
  return h("details.ub-card", {}, h("summary", {}, "Log"), h("pre", { tabindex: "0" }, text));
}
