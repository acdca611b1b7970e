/** Server-sent events that go on when whoever sends them is replaced. */

const EVENTS = ["state", "progress", "log"];
/** Milliseconds without a word after which a connection is dead: three of the portal's pings. */
const QUIET = 45_000;
/** Milliseconds until a connection that was refused is made anew. */
const PAUSE = 3_000;
/** How often in a row it may be refused. */
const TRIES = 40;

/**
 * Hear the events of an address until told to stop; none is lost or heard twice.
 *
 * EventSource alone gives up for ever at an answer that is an error, such as a proxy's while no portal is there, and
 * never notices a connection that a proxy holds open although the portal behind it was killed.
 * @param {string} url takes `after`, the number of the last event that was heard
 * @param {function({type: string, data: Object}): void} onEvent
 * @returns {function(): void} ends it
 */
export function followEvents(url, onEvent) {
  let source;
  let timer;
  let last = "";
  let refused = 0;

  function open() {
    source?.close();
    source = new EventSource(last ? `${url}?after=${last}` : url);
    openAgainIn(QUIET);
    for (const type of EVENTS) {
      source.addEventListener(type, (event) => {
        alive();
        last = event.lastEventId;
        onEvent({ type, data: JSON.parse(event.data) });
      });
    }
    source.addEventListener("ping", alive);
    source.addEventListener("error", broken);
  }
  function alive() {
    refused = 0;
    openAgainIn(QUIET);
  }
  function broken() {
    // In every other state EventSource is about to ask again by itself.
    if (source.readyState !== EventSource.CLOSED) return;
    refused += 1;
    if (refused < TRIES) openAgainIn(PAUSE);
    else clearTimeout(timer);
  }
  function openAgainIn(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(open, milliseconds);
  }
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
