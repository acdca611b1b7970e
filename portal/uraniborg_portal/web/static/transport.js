/** How a page of the portal asks the portal: fetch and server-sent events, below the page's own prefix. */

import { followEvents } from "./event_stream.js";

/**
 * Give the transport of a page.
 * @param {string} prefix path of the portal, with a slash at the end
 * @param {?string} hub path of the hub, with a slash at the end; null where there is none
 * @returns {Transport} `request`, `events`, `url(path)`, `go(path)` to a page, and `lab(path)`, a link that opens a notebook in the user's lab
 */
export function pageTransport(prefix, hub) {
  return {
    url: (path) => prefix + path,
    go: (path) => location.assign(prefix + path),
    lab: hub ? (path) => `${hub}user-redirect/lab/tree/start?uraniborg-notebook=${encodeURIComponent(path)}` : undefined,
    request: async (method, path, { json, binary, signal } = {}) => {
      const answer = await fetch(prefix + path, { ...requestOf(method, json, binary), signal });
      return { status: answer.status, json: () => answer.json(), bytes: () => answer.arrayBuffer() };
    },
    events: (path, onEvent) => followEvents(prefix + path, onEvent),
  };
}

function requestOf(method, json, binary) {
  if (json !== undefined) {
    return { method, body: JSON.stringify(json), headers: { "Content-Type": "application/json", Accept: "application/json" } };
  }
  if (binary !== undefined) return { method, body: binary, headers: { "Content-Type": "application/octet-stream" } };
  return { method, headers: { Accept: "application/json, application/octet-stream" } };
}
