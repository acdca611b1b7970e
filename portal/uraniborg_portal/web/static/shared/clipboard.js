/** Copying text, also on plain HTTP, where browsers hide the clipboard from scripts. */

import { h } from "./dom.js";

/**
 * Copy a text.
 * @param {string} text
 * @returns {Promise<void>} rejected with words for the user where the browser refuses
 */
export async function copyText(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const before = document.activeElement;
  const field = h("textarea", { value: text, readonly: true, style: { position: "fixed", opacity: "0" } });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  if (!done) throw new Error("The browser did not let the text be copied: select it and copy it by hand.");
}
