/** A table of any length: the engine sorts and pages, the browser holds only what is in sight. */

import { eachFrame, fill, h } from "./dom.js";
import { askJson } from "./ask.js";
import { count, number, unitText } from "./words.js";

const ROW = 30;
const PAGE = 200;
const KEPT_PAGES = 40;
const TALLEST = 8_000_000;

/**
 * Show the rows of a result.
 *
 * Keys in the table: arrows, Page Up and Down, Home and End move; Space or Enter selects the row.
 *
 * @param {HTMLElement} place
 * @param {{transport: Transport, query: string, columns: Column[], rows: number, selection: Selection,
 *   onSort: ?function({column: string, descending: boolean}): void}} choice
 * @returns {{element: HTMLElement, show: function(?string): void, destroy: function(): void}} `show(id)` shows only the
 *   rows of that stored selection, `show(null)` all
 */
export function table(place, choice) {
  return new Table(place, choice);
}

class Table {
  constructor(place, { transport, query, columns, rows, selection }) {
    Object.assign(this, { transport, query, columns, selection, total: rows, rows });
    this.sort = null;
    this.only = null;
    this.pages = new Map();
    this.asked = new Set();
    this.current = 0;
    this.draw = eachFrame(() => this.paint());
    this.build(place);
    this.forget = selection.subscribe(this.draw);
    this.watcher = new ResizeObserver(this.draw);
    this.watcher.observe(this.view);
    this.draw();
  }

  build(place) {
    this.head = h("div.ub-thead", { role: "row" }, this.columns.map((column) => this.header(column)));
    this.body = h("div.ub-tbody", { role: "rowgroup" });
    this.space = h("div.ub-tspace", {}, this.body);
    this.view = h("div.ub-table", {
      role: "grid", tabindex: "0", "aria-label": "Rows of the result", "aria-rowcount": this.total,
      onscroll: this.draw, onkeydown: (event) => this.key(event),
    }, this.head, this.space);
    fill(place, this.view);
  }

  header(column) {
    const unit = unitText(column.unit);
    const hint = [column.description, column.ucd].filter(Boolean).join(" · ");
    const cell = h("div.ub-th", { role: "columnheader", "aria-sort": "none", class: isNumber(column) ? "ub-num" : "" });
    const button = h("button", { type: "button", title: hint, onclick: () => this.sortBy(column.name) },
      h("span", {}, column.name), h("span.ub-arrow", { "aria-hidden": "true" }), h("small", {}, unit || "\u00a0"));
    cell.append(button);
    return cell;
  }

  sortBy(name) {
    const same = this.sort?.column === name;
    this.sort = same && this.sort.descending ? null : { column: name, descending: same };
    this.columns.forEach((column, index) => {
      const state = this.sort?.column !== column.name ? "none" : this.sort.descending ? "descending" : "ascending";
      this.head.children[index].setAttribute("aria-sort", state);
    });
    this.restart();
  }

  show(selected) {
    this.only = selected;
    this.restart();
  }

  restart() {
    this.pages.clear();
    this.asked.clear();
    this.generation = (this.generation || 0) + 1;
    this.draw();
  }

  /** Very long results: a scroll step stands for more than one row, since browsers bound an element's height. */
  get scale() {
    return Math.max(1, (this.total * ROW) / TALLEST);
  }

  paint() {
    const height = Math.min(this.total * ROW, TALLEST);
    this.space.style.height = `${height}px`;
    this.view.setAttribute("aria-rowcount", this.total);
    const visible = Math.ceil(this.view.clientHeight / ROW) + 2;
    const first = Math.max(0, Math.min(this.total - visible + 2, Math.floor((this.view.scrollTop * this.scale) / ROW)));
    this.body.style.transform = `translateY(${this.scale > 1 ? this.view.scrollTop : first * ROW}px)`;
    const last = Math.min(this.total, first + visible);
    this.need(first, last);
    fill(this.body, range(first, last).map((at) => this.row(at)));
    this.first = first;
    this.size();
  }

  /** Columns grow to their widest cell and never shrink, so that the table does not jump while it scrolls. */
  size() {
    const longest = this.columns.map((column, index) => {
      let most = Math.max(column.name.length + 3, unitText(column.unit).length);
      for (const line of this.body.children) most = Math.max(most, line.children[index]?.textContent.length || 0);
      return Math.min(34, most);
    });
    this.widths = longest.map((value, index) => Math.max(value, this.widths?.[index] || 0));
    const template = this.widths.map((value) => `minmax(${value + 2}ch, 1fr)`).join(" ");
    this.view.style.setProperty("--ub-columns", template);
  }

  row(at) {
    const content = this.pages.get(Math.floor(at / PAGE));
    const cells = content?.rows[at % PAGE];
    const number_ = content?.numbers[at % PAGE];
    const chosen = number_ !== undefined && this.selection.mask[number_] === 1;
    return h("div.ub-tr", {
      role: "row", "aria-rowindex": at + 1, "aria-selected": String(chosen),
      class: at === this.current && document.activeElement === this.view ? "ub-current" : "",
      onclick: () => this.press(at),
    }, this.columns.map((column, index) => cell(column, cells ? cells[index] : undefined)));
  }

  press(at) {
    const row = this.pages.get(Math.floor(at / PAGE))?.numbers[at % PAGE];
    this.current = at;
    if (row !== undefined) this.selection.toggle(row);
    else this.draw();
  }

  need(first, last) {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last - 1) / PAGE); page += 1) {
      if (!this.asked.has(page)) this.load(page);
    }
  }

  async load(page) {
    this.asked.add(page);
    const generation = this.generation;
    const words = new URLSearchParams({ offset: page * PAGE, limit: PAGE });
    if (this.sort) {
      words.set("sort", this.sort.column);
      words.set("descending", this.sort.descending ? "1" : "0");
    }
    if (this.only) words.set("selected", this.only);
    const content = await askJson(this.transport, "GET", `api/queries/${this.query}/rows?${words}`);
    if (generation !== this.generation) return;
    this.pages.set(page, { rows: content.rows, numbers: content.numbers || range(page * PAGE, page * PAGE + content.rows.length) });
    if (this.pages.size > KEPT_PAGES) this.drop(page);
    this.total = content.total;
    this.draw();
  }

  drop(page) {
    const far = [...this.pages.keys()].sort((one, other) => Math.abs(other - page) - Math.abs(one - page))[0];
    this.pages.delete(far);
    this.asked.delete(far);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.view.clientHeight / ROW) - 2);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.total, End: this.total };
    if (event.target !== this.view) return;
    if (event.key in moves) this.move(this.current + moves[event.key]);
    else if (event.key === " " || event.key === "Enter") this.press(this.current);
    else return;
    event.preventDefault();
  }

  move(at) {
    this.current = Math.max(0, Math.min(this.total - 1, at));
    const top = (this.current * ROW) / this.scale;
    const room = this.view.clientHeight - this.head.offsetHeight - ROW;
    if (top < this.view.scrollTop) this.view.scrollTop = top;
    else if (top > this.view.scrollTop + room / this.scale) this.view.scrollTop = top - room / this.scale;
    this.draw();
  }

  destroy() {
    this.forget();
    this.watcher.disconnect();
    this.view.remove();
  }
}

function isNumber(column) {
  return !["char", "unicodeChar", "boolean"].includes(column.datatype);
}

function cell(column, value) {
  const text = typeof value === "number" ? number(value, column.datatype === "double" ? 12 : 7) : value ?? "";
  const waiting = value === undefined;
  return h("div.ub-td", { role: "gridcell", class: isNumber(column) ? "ub-num" : "", title: String(text).length > 32 ? text : null },
    waiting ? h("span.ub-waiting", {}, "…") : String(text));
}

function range(first, last) {
  return Array.from({ length: Math.max(0, last - first) }, (_, step) => first + step);
}

/**
 * A sentence for how many rows are shown and selected.
 * @param {number} rows
 * @param {Selection} selection
 * @returns {string}
 */
export function rowsText(rows, selection) {
  const all = `${count(rows)} ${rows === 1 ? "row" : "rows"}`;
  return selection.active ? `${count(selection.count)} of ${all} selected` : all;
}
