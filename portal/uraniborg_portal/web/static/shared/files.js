/** Saving files of the portal from the browser. */

import { Refusal } from "./ask.js";
import { h } from "./dom.js";

/**
 * Save a file: by a link where the page can reach the portal itself, otherwise through the transport.
 * @param {Transport} transport `url(path)` is optional and gives a link
 * @param {string} path relative to the portal's prefix
 * @param {string} name of the file
 */
export async function saveFile(transport, path, name) {
  if (transport.url) {
    follow(transport.url(path), name);
    return;
  }
  const answer = await transport.request("GET", path, {});
  if (answer.status >= 400) throw new Refusal(answer.status, await answer.json());
  const address = URL.createObjectURL(new Blob([await answer.bytes()]));
  follow(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function follow(address, name) {
  const link = h("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}
