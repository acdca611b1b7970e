/** A form made from an instrument's JSON Schema: units, bounds, help, and errors beside the field. */

import { choice, field, fill, h } from "../shared/dom.js";
import { number, unitText } from "../shared/words.js";

/**
 * The form of an instrument.
 * @param {{described: Instrument, values: Object<string, *>, changed: function(Object): void}} context `values` are kept
 *   as the reader typed them
 * @returns {{element: HTMLElement, values: function(): Object, fail: function(string, string): boolean, clear: function(): void}}
 */
export function instrumentForm({ described, values, changed }) {
  const { schema, form } = described;
  const fields = new Map();
  const groups = form.map((names) => group(names));
  const element = h("div.ub-stack", {}, groups.map((each) => each.element));

  function group(names) {
    const made = names.map((name) => {
      const one = schemaField(name, schema.properties[name], values, () => edited());
      fields.set(name, one);
      return one;
    });
    return { names, element: h("div.ub-fields", {}, made.map((one) => one.element)) };
  }
  function edited() {
    relevant();
    changed({ ...values });
  }
  /** Hide what the chosen product does not depend on. */
  function relevant() {
    const product = values.product ?? schema.properties.product?.default;
    for (const [name, one] of fields) {
      const { products } = schema.properties[name];
      one.element.hidden = Boolean(products && product && !products.includes(product));
    }
    for (const each of groups) each.element.hidden = each.names.every((name) => fields.get(name).element.hidden);
  }
  relevant();
  return {
    element,
    values: () => collect(schema, values, fields),
    fail: (name, message) => {
      const one = fields.get(name);
      if (!one) return false;
      one.element.hidden = false;
      one.fail(message);
      one.control.focus();
      return true;
    },
    clear: () => { for (const one of fields.values()) one.fail(""); },
  };
}

function types(property) {
  return [property.type].flat();
}

function schemaField(name, property, values, changed) {
  if (types(property).includes("boolean")) return box(name, property, values, changed);
  const unit = unitText(property.unit);
  const label = `${property.title || name}${unit ? ` (${unit})` : ""}`;
  const start = name in values ? values[name] : property.default;
  const set = (event) => {
    values[name] = event.target.value;
    one.fail("");
    changed();
  };
  const one = field(label, control(name, property, start, set), hintOf(property));
  return one;
}

function control(name, property, start, set) {
  if (property.enum && property.enum.length <= 200) {
    const options = property.enum.map((value) => (value === null ? ["", "none"] : [String(value), wordsOf(value, property)]));
    return choice(options, start === null || start === undefined ? "" : String(start), { name, onchange: set });
  }
  const numeric = types(property).some((type) => type === "number" || type === "integer");
  return h("input", {
    type: "text", name, inputmode: numeric ? "decimal" : "text", autocomplete: "off", value: start ?? "", oninput: set,
    placeholder: types(property).includes("null") ? "empty" : "",
  });
}

function wordsOf(value, property) {
  return property.titles?.[value] ?? String(value).replaceAll("_", " ");
}

function box(name, property, values, changed) {
  const start = name in values ? values[name] : property.default;
  const input = h("input", {
    type: "checkbox", name, checked: Boolean(start), onchange: (event) => {
      values[name] = event.target.checked;
      changed();
    },
  });
  const one = field(property.title || name, input, hintOf(property));
  const line = h("div.ub-line", {});
  input.replaceWith(line);
  line.append(input, one.element.querySelector("label"));
  return one;
}

function hintOf(property) {
  const low = property.minimum ?? property.exclusiveMinimum;
  const high = property.maximum ?? property.exclusiveMaximum;
  const unit = unitText(property.unit);
  const bounds = low === undefined || high === undefined ? "" : `${number(low)} to ${number(high)}${unit ? ` ${unit}` : ""}.`;
  return [property.description, bounds].filter(Boolean).join(" ");
}

/** What is sent: numbers as numbers; what is hidden, or left at nothing, as the schema allows. */
function collect(schema, values, fields) {
  const sent = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    if (!(name in values) || fields.get(name)?.element.hidden) continue;
    sent[name] = convert(property, values[name]);
  }
  return sent;
}

function convert(property, value) {
  if (typeof value !== "string") return value;
  const text = value.trim().replace("−", "-");
  if (text === "" && types(property).includes("null")) return null;
  const numeric = types(property).some((type) => type === "number" || type === "integer");
  return numeric && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * A radio group of products, as a first choice above the form.
 * @param {{described: Instrument, value: string, pick: function(string): void, name: string}} context
 * @returns {HTMLElement}
 */
export function productChoice({ described, value, pick, name }) {
  const cards = described.products.map((product) => h("label.ub-product", {},
    h("input", { type: "radio", name, value: product.name, checked: product.name === value, onchange: () => pick(product.name) }),
    h("span", {}, h("strong", {}, product.title), product.description ? h("small.ub-muted", {}, product.description) : null)));
  const element = h("fieldset.ub-products", {}, h("legend", {}, "Product"));
  element.append(fill(h("div.ub-product-list"), cards));
  return element;
}
