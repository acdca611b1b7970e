/** A running job: progress and log as the server pushes them, and a way to stop it. */

import { askJson } from "../shared/ask.js";
import { fill, h } from "../shared/dom.js";

const WORDS = {
  queued: "Waiting for a free worker", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled",
};

/**
 * Follow a job until it ends.
 * @param {HTMLElement} place
 * @param {{transport: Transport, job: Job, onEnd: function(Object): void}} context `onEnd` gets the final `state` event
 * @returns {{destroy: function(): void}}
 */
export function followJob(place, { transport, job, onEnd }) {
  const state = h("strong", { role: "status" }, WORDS[job.state] || job.state);
  const step = h("span.ub-muted", { "aria-live": "polite" });
  const bar = h("progress", { max: 1, "aria-label": "Progress of the job" });
  const log = h("pre.ub-log", { tabindex: "0", role: "log", "aria-label": "Log of the job" });
  const trouble = h("div", { role: "alert" });
  const stop = h("button", { type: "button", onclick: () => cancel() }, "Cancel");
  fill(place, h("section.ub-card.ub-stack", { "aria-label": "Job" },
    h("div.ub-line.ub-spread", {}, h("span.ub-line", {}, state, step), stop), bar, trouble, log));
  const seen = { state: job.state };
  const close = transport.events(`api/jobs/${job.id}/events`, (event) => heard(event.type, event.data));

  function heard(kind, data) {
    if (kind === "progress") progress(data);
    else if (kind === "log") line(data);
    else if (kind === "state") arrived(data);
  }
  function progress({ fraction, text }) {
    bar.value = fraction;
    step.textContent = `${Math.round(fraction * 100)}% · ${text || ""}`;
  }
  function line(data) {
    const low = log.scrollTop + log.clientHeight >= log.scrollHeight - 20;
    log.append(`${clock(data.time)}${data.line}\n`);
    if (low) log.scrollTop = log.scrollHeight;
  }
  function arrived(data) {
    seen.state = data.state;
    state.textContent = WORDS[data.state] || data.state;
    if (!["done", "failed", "cancelled"].includes(data.state)) return;
    stop.hidden = true;
    step.textContent = "";
    close();
    if (data.state === "done") bar.value = 1;
    else bar.hidden = true;
    const words = data.error || data;
    if (words.message) fill(trouble, h("div.ub-error", {}, h("p", {}, words.message), words.remedy && h("p", {}, words.remedy)));
    onEnd(data);
  }
  async function cancel() {
    stop.disabled = true;
    try {
      await askJson(transport, "POST", `api/jobs/${job.id}/cancel`, {});
    } catch (refusal) {
      fill(trouble, h("p.ub-error", {}, refusal.message));
      stop.disabled = false;
    }
  }
  return { destroy: close };
}

function clock(time) {
  const date = typeof time === "number" ? new Date(time * 1000) : new Date(time ?? "");
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(11, 19)}  `;
}
