/** Conditions on columns, each with the column's real range as a hint. */

import { choice, field, fill, h } from "../shared/dom.js";
import { count, number, unitText } from "../shared/words.js";

const NUMERIC = [["<", "<"], ["<=", "≤"], [">", ">"], [">=", "≥"], ["=", "="], ["!=", "≠"], ["is not null", "has a value"], ["is null", "has none"]];
const TEXT = [["=", "is"], ["!=", "is not"], ["like", "is like (% = anything)"], ["is not null", "has a value"], ["is null", "has none"]];
const WITHOUT_VALUE = ["is null", "is not null"];

/**
 * The list of conditions.
 * @param {{state: FormState, changed: function(): void}} context
 * @returns {{element: HTMLElement, show: function(Catalog): void}}
 */
export function filters({ state, changed }) {
  const list = h("div.ub-stack.ub-filters");
  const add = h("button", { type: "button", onclick: () => addOne() }, "+ Add a condition");
  const element = h("div.ub-stack", {}, list, h("div", {}, add));
  let catalog = null;

  function addOne() {
    const column = catalog.columns.find((each) => each.ucd?.startsWith("phot.mag")) || catalog.columns[0];
    state.filters.push({ column: column.name, operator: isText(column) ? "=" : "<", value: "" });
    draw();
    list.lastElementChild?.querySelector("select")?.focus();
  }
  function remove(at) {
    state.filters.splice(at, 1);
    draw();
    changed();
    add.focus();
  }
  function draw() {
    fill(list, state.filters.map((filter, at) => row(filter, at)));
  }
  function row(filter, at) {
    const column = catalog.columns.find((each) => each.name === filter.column) || catalog.columns[0];
    const edit = (change, again) => {
      Object.assign(filter, change);
      if (again) draw();
      changed();
    };
    const names = catalog.columns.map((each) => [each.name, each.name]);
    const which = choice(names, filter.column, { "aria-label": "Column", onchange: (event) => edit(fresh(event.target.value), true) });
    const operators = isText(column) ? TEXT : NUMERIC;
    const how = choice(operators, filter.operator, { "aria-label": "Comparison", onchange: (event) => edit({ operator: event.target.value }, true) });
    const value = h("input", {
      type: "text", "aria-label": `Value for ${column.name}`, value: filter.value, placeholder: placeholder(column),
      hidden: WITHOUT_VALUE.includes(filter.operator), oninput: (event) => edit({ value: event.target.value }),
    });
    const line = h("div.ub-filter", { role: "group", "aria-label": `Condition ${at + 1}` }, which, how, value,
      h("button", { type: "button", "aria-label": `Remove condition ${at + 1}`, onclick: () => remove(at) }, "✕"));
    return h("div", {}, line, h("p.ub-hint", {}, rangeText(column)));
  }
  function fresh(name) {
    const column = catalog.columns.find((each) => each.name === name);
    return { column: name, operator: isText(column) ? "=" : "<", value: "" };
  }
  return {
    element,
    show: (next) => {
      catalog = next;
      state.filters = state.filters.filter((filter) => catalog.columns.some((column) => column.name === filter.column));
      draw();
    },
  };
}

function isText(column) {
  return ["char", "unicodeChar", "boolean"].includes(column.datatype);
}

function placeholder(column) {
  return column.minimum === null || column.minimum === undefined ? "" : number((column.minimum + column.maximum) / 2, 3);
}

/**
 * What values a column really has.
 * @param {Column} column
 * @returns {string}
 */
export function rangeText(column) {
  const unit = unitText(column.unit);
  const parts = [];
  if (column.minimum !== null && column.minimum !== undefined) {
    parts.push(`${number(column.minimum, 6)} to ${number(column.maximum, 6)}${unit ? ` ${unit}` : ""}`);
  }
  if (column.nulls) parts.push(`${count(column.nulls)} rows without a value`);
  return parts.join(" · ");
}

/**
 * The conditions that are complete, as the portal's form takes them: numbers as numbers.
 * @param {FormState} state
 * @param {Catalog} catalog
 * @returns {Array<{column: string, operator: string, value: ?(number|string)}>}
 */
export function completeFilters(state, catalog) {
  return state.filters.flatMap(({ column, operator, value }) => {
    if (WITHOUT_VALUE.includes(operator)) return [{ column, operator, value: null }];
    const text = String(value).trim().replace("−", "-");
    if (!text) return [];
    const described = catalog.columns.find((each) => each.name === column);
    const numeric = described && !isText(described) && Number.isFinite(Number(text));
    return [{ column, operator, value: numeric ? Number(text) : text }];
  });
}

/**
 * The field for the greatest number of rows.
 * @param {{state: FormState, changed: function(): void}} context
 */
export function rowLimit({ state, changed }) {
  const options = [1000, 10_000, 100_000, 200_000, 1_000_000].map((rows) => [String(rows), `${count(rows)} rows at most`]);
  const select = choice(options, String(state.rows), {
    name: "rows",
    onchange: (event) => {
      state.rows = Number(event.target.value);
      changed();
    },
  });
  return field("Row limit", select);
}
