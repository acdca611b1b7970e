/** What data may be used for, and who is to be thanked. */

import { h } from "./dom.js";

/**
 * Licence and citation, as every page shows them.
 * @param {{licence: string, citation: string}} source
 * @returns {HTMLElement}
 */
export function terms({ licence, citation }) {
  return h("p.ub-muted", {}, `Licence: ${licence}. Please cite: ${citation}`);
}
