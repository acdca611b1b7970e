/** Numbers, units and sentences as a reader expects them. */

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/**
 * Write a VOUnit for people: `mas.yr**-1` is `mas yr⁻¹`.
 * @param {string|null} unit
 * @returns {string} empty without a unit
 */
export function unitText(unit) {
  if (!unit) return "";
  const raised = unit.replace(/\*\*\(?(-?\d+)\)?/g, (_, power) => [...power].map((sign) => SUPERSCRIPTS[sign]).join(""));
  return raised.replace(/\./g, " ").replace(/^'electron'$/, "electron");
}

/**
 * The label of an axis: name and unit.
 * @param {{name: string, unit: ?string}} column
 * @returns {string}
 */
export function axisLabel(column) {
  const unit = unitText(column.unit);
  return unit ? `${column.name} (${unit})` : column.name;
}

/**
 * A number for a table cell or a hint: as many digits as it has, never more than `digits` significant ones.
 * @param {number} value
 * @param {number} [digits]
 * @returns {string}
 */
export function number(value, digits = 7) {
  if (!Number.isFinite(value)) return "";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size >= 1e-4 && size < 1e9 ? String(Number(value.toPrecision(digits))) : value.toExponential(4);
  return text.replace("-", "−");
}

/**
 * A count with thin spaces between thousands.
 * @param {number} value
 * @returns {string}
 */
export function count(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/**
 * A file size.
 * @param {number} bytes
 * @returns {string}
 */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Right ascension and declination in sexagesimal.
 * @param {number} ra degrees
 * @param {number} dec degrees
 * @returns {string} such as `05h 35m 17.3s −05° 23′ 28″`
 */
export function sexagesimal(ra, dec) {
  const seconds = Math.round((((ra % 360) + 360) % 360) * 240 * 10) / 10;
  const pad = (value, width = 2) => String(value).padStart(width, "0");
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor((seconds % 3600) / 60);
  const arcseconds = Math.round(Math.abs(dec) * 3600);
  const sign = dec < 0 ? "−" : "+";
  const right = `${pad(hours)}h ${pad(minutes)}m ${pad((seconds % 60).toFixed(1), 4)}s`;
  const up = `${sign}${pad(Math.floor(arcseconds / 3600))}° ${pad(Math.floor((arcseconds % 3600) / 60))}′`;
  return `${right} ${up} ${pad(arcseconds % 60)}″`;
}

/**
 * A time, UTC, to the minute.
 * @param {number} seconds Unix seconds
 * @returns {string} such as `2026-11-22 19:30 UTC`
 */
export function when(seconds) {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/**
 * How long something takes.
 * @param {number} seconds
 * @returns {string} such as `0.4 s`, `42 s`, `3 min 5 s` or `2 h`
 */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, "")} s`;
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), "h"], [Math.floor((whole % 3600) / 60), "min"], [whole % 60, "s"]];
  return parts.filter(([value]) => value).slice(0, 2).map(([value, unit]) => `${value} ${unit}`).join(" ");
}

/**
 * A query on one line: a long one without its list of columns.
 * @param {string} adql
 * @returns {string}
 */
export function oneLine(adql) {
  const text = adql.split(/\s+/).filter(Boolean).join(" ");
  return text.length > 90 ? text.replace(/^(SELECT)\b.+?\b(FROM)\b/i, "$1 … $2") : text;
}

/**
 * What is to be said of a result's row limit.
 * @param {{rows: number, limit: ?number, overflow: boolean}} result
 * @returns {string|null} null where nothing is; a form's query has its limit as TOP, which tells nobody whether there are more
 */
export function limitWords({ rows, limit, overflow }) {
  if (overflow) return `More rows exist: the limit of ${count(rows)} rows was reached.`;
  return rows && rows === limit ? `More rows may exist: the limit of ${count(rows)} rows was reached.` : null;
}
