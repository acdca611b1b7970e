/** One query that runs in the background: what it is, how far it is, and what can be done with it. */

import { copyText } from "../shared/clipboard.js";
import { fill, h } from "../shared/dom.js";
import { saveFile } from "../shared/files.js";
import { count, duration, limitWords, oneLine, size, when } from "../shared/words.js";
import { act, isActive } from "./client.js";

const WORDS = {
  PENDING: "Not started", QUEUED: "Waiting for its turn", EXECUTING: "Running", COMPLETED: "Done", ERROR: "Failed", ABORTED: "Stopped",
};
/** Milliseconds in which the second click on Delete counts. */
const SURE = 4000;

/**
 * A card.
 * @param {{transport: Transport, onOpen: function(Description): void, onAgain: ?function(AsyncQuery): void,
 *   onGone: function(AsyncQuery): void}} context `onOpen` gets the result to page through, `onAgain` the new
 *   query, `onGone` a query that was deleted
 * @returns {{element: HTMLElement, show: function(AsyncQuery, ?number): void, open: function(): Promise<void>,
 *   destroy: function(): void}} `show` takes the query and the portal's time, Unix seconds
 */
export function queryCard({ transport, onOpen, onAgain, onGone }) {
  const phase = h("strong.ub-phase", { role: "status" });
  const name = h("span");
  const facts = h("span.ub-muted");
  const line = h("code.ub-query-line");
  const progress = h("progress", { hidden: true, "aria-label": "Steps that are done" });
  const text = h("pre", { tabindex: "0" });
  const copy = h("button", { type: "button", onclick: () => copyText(query.adql).then(() => say("Copied.")) }, "Copy");
  const whole = h("details", {}, h("summary", {}, "The whole query"), h("div.ub-stack.ub-tight", {}, text, h("div", {}, copy)));
  const notes = h("div.ub-stack.ub-tight");
  const trouble = h("div", { role: "alert" });
  const buttons = h("div.ub-line");
  const said = h("span.ub-copied", { role: "status" });
  const element = h("section.ub-card.ub-stack.ub-query", {},
    h("div.ub-line.ub-spread", {}, h("span.ub-line", {}, phase, name, facts)), line, progress, notes, trouble, h("div.ub-line", {}, buttons, said), whole);
  let query = null;
  let ahead = 0;
  let drawn = "";
  const clock = setInterval(() => { if (query && isActive(query)) tell(); }, 1000);

  function tell() {
    phase.textContent = WORDS[query.phase] || query.phase;
    phase.dataset.phase = query.phase;
    name.textContent = query.run_id || "";
    const running = query.phase === "EXECUTING" && query.steps > 0;
    progress.hidden = !running;
    if (running) Object.assign(progress, { max: query.steps, value: query.steps_done });
    fill(facts, factsOf(query, Date.now() / 1000 + ahead).join(" · "));
  }
  function say(words) {
    said.textContent = words;
  }
  async function run(button, action) {
    button.disabled = true;
    fill(trouble);
    try {
      await action();
    } catch (refusal) {
      fill(trouble, h("div.ub-error", {}, h("p", {}, refusal.message), refusal.remedy && h("p", {}, refusal.remedy)));
    }
    button.disabled = false;
  }
  const button = (label, action, look = "") => {
    const made = h("button", { type: "button", class: look, onclick: () => run(made, () => action(made)) }, label);
    return made;
  };
  async function open() {
    fill(trouble);
    say("Opening…");
    try {
      await onOpen(await act(transport, query, "open"), query);
    } finally {
      say("");
    }
  }
  async function remove(made) {
    if (!made.dataset.sure) {
      made.dataset.sure = "asked";
      made.textContent = "Delete for good?";
      setTimeout(() => {
        delete made.dataset.sure;
        made.textContent = "Delete";
      }, SURE);
      return;
    }
    await act(transport, query, "delete");
    onGone(query);
  }
  function draw() {
    const done = query.phase === "COMPLETED";
    const again = query.phase === "PENDING" ? "Run" : "Run again";
    const stoppable = query.phase === "QUEUED" || query.phase === "EXECUTING";
    const url = transport.url;
    fill(buttons,
      done ? button("Open the result", open, "ub-primary") : null,
      stoppable ? button("Stop", () => act(transport, query, "stop")) : null,
      done && url ? button("Save the file", () => saveFile(transport, query.path, query.name)) : null,
      onAgain && !stoppable ? button(again, async () => onAgain(await act(transport, query, "again"))) : null,
      url && onAgain ? h("a.ub-button", { href: url(`async/${query.id}`) }, "Edit") : null,
      button("Delete", remove));
    line.textContent = oneLine(query.adql);
    text.textContent = query.adql;
    fill(trouble, query.message && h("div.ub-error", {}, h("p", {}, query.message), query.remedy && h("p", {}, query.remedy)));
    const limit = limitWords(query);
    fill(notes, limit && h("p.ub-note", {}, limit),
      query.tables.length ? h("p.ub-hint", {}, `With the ${query.tables.length > 1 ? "tables" : "table"} ${query.tables.join(", ")} that came with it.`) : null);
  }
  return {
    element,
    show: (next, now) => {
      query = next;
      if (now) ahead = now - Date.now() / 1000;
      const state = `${next.id} ${next.phase}`;
      if (state !== drawn) draw();
      drawn = state;
      element.setAttribute("aria-label", `Query of ${when(next.created)}`);
      tell();
    },
    open: () => run({}, open),
    destroy: () => clearInterval(clock),
  };
}

/** What is known of a query, at a moment of the portal's clock. */
function factsOf(query, now) {
  const facts = [when(query.created)];
  if (query.phase === "EXECUTING" && query.started) {
    facts.push(`for ${duration(Math.max(0, now - query.started))} of at most ${duration(query.seconds)}`);
    if (query.steps) facts.push(`${query.steps_done} of ${query.steps} steps`);
  } else if (query.started && query.ended) facts.push(`took ${duration(query.ended - query.started)}`);
  if (query.rows !== null) facts.push(`${count(query.rows)} ${query.rows === 1 ? "row" : "rows"}`, size(query.bytes));
  facts.push(`kept until ${when(query.expires)}`);
  return facts;
}
