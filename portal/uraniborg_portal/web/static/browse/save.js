/** Files of a result, the Python that repeats it, and the way into the lab. */

import { copyText } from "../shared/clipboard.js";
import { choice, h } from "../shared/dom.js";
import { saveFile } from "../shared/files.js";
import { count } from "../shared/words.js";

const FORMATS = [["votable", "VOTable"], ["fits", "FITS"], ["csv", "CSV"], ["parquet", "Parquet"]];
const ENDINGS = { votable: "vot", fits: "fits", csv: "csv", parquet: "parquet" };

/**
 * The bar below the table.
 * @param {{transport: Transport, described: Description, stored: {id: function(): Promise<string>}, selection: Selection}}
 *   context
 * @returns {{element: HTMLElement, destroy: function()}}
 */
export function saveBar({ transport, described, stored, selection }) {
  const format = choice(FORMATS, "votable", { "aria-label": "File format", style: { width: "auto", flex: "none" } });
  const status = h("span.ub-copied", { role: "status" });
  const save = async () => {
    const chosen = selection.active ? `&selected=${encodeURIComponent(await stored.id())}` : "";
    const path = `api/queries/${described.id}/file?format=${format.value}${chosen}`;
    await saveFile(transport, path, `${described.id}.${ENDINGS[format.value]}`);
    status.textContent = selection.active ? "The selected rows are saved." : "";
  };
  const button = h("button", { type: "button", onclick: () => run(save)() }, "Save");
  const forget = selection.subscribe(() => {
    button.textContent = selection.active ? `Save the ${count(selection.count)} selected` : "Save";
  });
  const run = (action) => () => action().catch((refusal) => { status.textContent = refusal.message; });
  const copy = async () => {
    await copyText(described.python);
    status.textContent = "Copied.";
  };
  const lab = transport.lab?.(`queries/${described.id}/notebook.ipynb`);
  const samp = transport.url?.(`queries/${described.id}/samp`);
  const element = h("div.ub-line", {},
    h("span.ub-line", {}, format, button),
    h("button", { type: "button", onclick: run(copy) }, "Copy Python"),
    lab ? h("a.ub-button", { href: lab }, "Open in my lab") : null,
    transport.url ? h("a.ub-button", { href: transport.url(`queries/${described.id}/notebook.ipynb`), download: true }, "Notebook") : null,
    samp ? h("a.ub-button", { href: samp }, "Send by SAMP") : null, status);
  const code = h("details", {}, h("summary", {}, "Python that repeats it"), h("pre", { tabindex: "0" }, described.python));
  return { element: h("div.ub-stack", {}, element, described.python ? code : null), destroy: forget };
}
