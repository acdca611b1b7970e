/** Queries that run while nobody waits, as the portal keeps them: made, listed, followed. */

import { askJson } from "../shared/ask.js";

/** Phases that a query leaves by itself or when it is run (UWS 1.1). */
const ACTIVE = ["PENDING", "QUEUED", "EXECUTING"];
/** Where this browser notes which queries it made without signing in: the portal lists a user's own only. */
const NOTED = "uraniborg-async";
const MOST = 50;
/** Seconds that the portal may wait for news before it answers. */
const WAIT = 25;
/** Milliseconds until a request that failed is made anew, and how often in a row. */
const PAUSE = 3000;
const TRIES = 40;

/** Whether a query has still to end. */
export function isActive(query) {
  return ACTIVE.includes(query.phase);
}

/**
 * Have a query run in the background.
 * @param {Transport} transport
 * @param {{adql: string, rows: number}} asked
 * @returns {Promise<AsyncQuery>}
 */
export async function makeQuery(transport, asked) {
  return noted(await askJson(transport, "POST", "api/async", asked));
}

/**
 * Do something with a query.
 * @param {Transport} transport
 * @param {AsyncQuery} query
 * @param {string} action stop, again, open or delete
 */
export async function act(transport, query, action) {
  const answer = await askJson(transport, "POST", `api/async/${query.id}/${action}`, {});
  if (action === "again") noted(answer);
  if (action === "delete") note(notes().filter((id) => id !== query.id));
  return answer;
}

/**
 * Give the list of queries to a listener, now and whenever it changes, until told to stop.
 * @param {Transport} transport
 * @param {function({queries: Array<AsyncQuery>, more: boolean, now: number}): void} onList
 * @param {function(Refusal): void} onTrouble hears of a refusal that does not pass
 * @returns {{stop: function(): void, look: function(): void}} `look` asks at once
 */
export function followList(transport, onList, onTrouble) {
  const path = (version) => `api/async?ids=${notes().join(",")}&version=${version}&wait=${version ? WAIT : 0}`;
  let turn = 0;
  async function run() {
    turn += 1;
    const mine = turn;
    let version = "";
    await following(() => askJson(transport, "GET", path(version)), (list) => {
      if (mine !== turn) return false;
      version = list.version;
      onList(list);
      return list.queries.some(isActive);
    }, onTrouble);
  }
  run();
  return { stop: () => { turn += 1; }, look: run };
}

/**
 * Give a query to a listener, now and whenever its phase changes, until it has ended.
 * @param {Transport} transport
 * @param {string} id
 * @param {function(AsyncQuery): void} onChange
 * @param {function(Refusal): void} onTrouble
 * @returns {function(): void} ends it
 */
export function followQuery(transport, id, onChange, onTrouble) {
  let over = false;
  let phase = "";
  const path = () => `api/async/${id}${phase ? `?phase=${phase}&wait=${WAIT}` : ""}`;
  following(() => askJson(transport, "GET", path()), (query) => {
    if (over) return false;
    phase = query.phase;
    onChange(query);
    return isActive(query);
  }, (refusal) => { if (!over) onTrouble(refusal); });
  return () => { over = true; };
}

/** Ask again and again while `hear` says so; what passes (a portal that is being replaced) is waited for. */
async function following(ask, hear, onTrouble) {
  let failed = 0;
  for (;;) {
    try {
      if (!hear(await ask())) return;
      failed = 0;
    } catch (refusal) {
      failed += 1;
      const lasting = refusal.status && refusal.status < 500;
      if (lasting || failed >= TRIES) {
        onTrouble(refusal);
        return;
      }
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
  }
}

function noted(query) {
  if (!query.owned) note([query.id, ...notes()].slice(0, MOST));
  return query;
}

function notes() {
  try {
    return JSON.parse(localStorage.getItem(NOTED) || "[]").filter((id) => /^[0-9a-f]{32}$/.test(id));
  } catch {
    return [];
  }
}

function note(ids) {
  try {
    localStorage.setItem(NOTED, JSON.stringify(ids));
  } catch {
    // A browser that keeps nothing still follows what it made as long as the page is open.
  }
}
