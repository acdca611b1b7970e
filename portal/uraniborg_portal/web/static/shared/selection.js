/** One selection of rows, shared by the table and every plot of a result. */

/** The rows that are selected; views subscribe and redraw. */
export class Selection {
  /** @param {number} rows how many rows the result has */
  constructor(rows) {
    this.rows = rows;
    this.mask = new Uint8Array(rows);
    this.count = 0;
    this.listeners = new Set();
  }

  /** Whether any row is selected. */
  get active() {
    return this.count > 0;
  }

  /**
   * Select the rows for which `holds(row)` is true, and no others unless `add`.
   * @param {function(number): boolean} holds
   * @param {boolean} [add] keep what is selected
   */
  choose(holds, add = false) {
    for (let row = 0; row < this.rows; row += 1) {
      this.mask[row] = holds(row) || (add && this.mask[row]) ? 1 : 0;
    }
    this.changed();
  }

  /** Select or leave out one row. @param {number} row */
  toggle(row) {
    this.mask[row] = this.mask[row] ? 0 : 1;
    this.changed();
  }

  /** Select nothing. */
  clear() {
    if (!this.count) return;
    this.mask.fill(0);
    this.changed();
  }

  /** The row numbers, ascending. @returns {Uint32Array} */
  numbers() {
    const numbers = new Uint32Array(this.count);
    let next = 0;
    for (let row = 0; row < this.rows; row += 1) if (this.mask[row]) numbers[next++] = row;
    return numbers;
  }

  /** Call `listener` after each change. @returns {function(): void} stops it */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Count anew and tell the views. */
  changed() {
    let total = 0;
    for (let row = 0; row < this.rows; row += 1) total += this.mask[row];
    this.count = total;
    for (const listener of this.listeners) listener(this);
  }
}
