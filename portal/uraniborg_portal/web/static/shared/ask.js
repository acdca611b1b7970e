/** What every module asks the portal, through the transport that the page or the notebook gives. */

/** A refusal of the portal, with its own words. */
export class Refusal extends Error {
  /** @param {number} status HTTP status @param {Object<string, *>} content the portal's JSON form of an error */
  constructor(status, content) {
    super(content.message || `The portal answered with status ${status}.`);
    this.status = status;
    this.remedy = content.remedy || "";
    this.field = content.field || null;
    this.suggestions = content.suggestions || [];
    this.line = content.line ?? null;
    this.column = content.column ?? null;
    this.code = content.error || "";
  }
}

async function refuse(answer) {
  let content;
  try {
    content = await answer.json();
  } catch {
    content = {};
  }
  throw new Refusal(answer.status, content);
}

/**
 * Ask for JSON.
 * @param {Transport} transport
 * @param {string} method
 * @param {string} path relative to the portal's prefix
 * @param {*} [json] body
 * @param {AbortSignal} [signal] ends the request, where the transport can
 * @returns {Promise<*>} the answer; undefined when there is none
 * @throws {Refusal}
 */
export async function askJson(transport, method, path, json, signal) {
  const answer = await transport.request(method, path, { ...(json === undefined ? {} : { json }), ...(signal ? { signal } : {}) });
  if (answer.status >= 400) await refuse(answer);
  return answer.status === 204 ? undefined : answer.json();
}

/**
 * Send bytes, and get JSON.
 * @param {Transport} transport
 * @param {string} path relative to the portal's prefix
 * @param {ArrayBuffer} bytes
 * @returns {Promise<*>}
 * @throws {Refusal}
 */
export async function sendBytes(transport, path, bytes) {
  const answer = await transport.request("POST", path, { binary: bytes });
  if (answer.status >= 400) await refuse(answer);
  return answer.json();
}

/**
 * Ask for a column of a result.
 * @param {Transport} transport
 * @param {string} query id of the result
 * @param {string} name column
 * @returns {Promise<Float64Array>} NaN where there is no value, in the result's row order
 */
export async function askColumn(transport, query, name) {
  const path = `api/queries/${query}/columns/${encodeURIComponent(name)}`;
  const answer = await transport.request("GET", path, {});
  if (answer.status >= 400) await refuse(answer);
  const bytes = await answer.bytes();
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  return new Float64Array(view.slice().buffer);
}

/**
 * Tell the portal which rows are selected.
 * @param {Transport} transport
 * @param {string} query
 * @param {Uint32Array} rows row numbers
 * @returns {Promise<{id: string, rows: number}>}
 */
export async function sendSelection(transport, query, rows) {
  return sendBytes(transport, `api/queries/${query}/selections`, rows.buffer);
}
