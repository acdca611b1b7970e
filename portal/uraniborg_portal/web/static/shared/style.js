/** The look of every module: colors from the page's variables, with defaults for light and dark; adopted, not injected. */

const PALETTE = `
.ub {
  --bg: var(--ub-bg, light-dark(#f6f7f9, #0f141b)); --card: var(--ub-card, light-dark(#ffffff, #171e27));
  --fg: var(--ub-fg, light-dark(#16202e, #e6ebf2)); --muted: var(--ub-muted, light-dark(#556273, #9ba8b8));
  --line: var(--ub-line, light-dark(#dbe1e9, #2b3644)); --accent: var(--ub-accent, light-dark(#175cb8, #82b6ff));
  --on-accent: var(--ub-on-accent, light-dark(#ffffff, #0b1420)); --soft: var(--ub-soft, light-dark(#eef2f8, #1e2733));
  --chosen: var(--ub-chosen, light-dark(#fff1e3, #3a2a17)); --warm: var(--ub-warm, light-dark(#b34700, #ffb066));
  --bad: var(--ub-bad, light-dark(#b3261e, #ff8f86)); --good: var(--ub-good, light-dark(#14713d, #6fd29b));
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
  color: var(--fg); font-family: var(--sans); font-size: 15px; line-height: 1.5; container-type: inline-size;
}
.ub *, .ub *::before { box-sizing: border-box; }
.ub [hidden] { display: none !important; }
`;

const CONTROLS = `
.ub h2, .ub h3 { margin: 0; line-height: 1.25; font-weight: 620; }
.ub h2 { font-size: 1.15rem; } .ub h3 { font-size: 1rem; }
.ub p { margin: 0; }
.ub a { color: var(--accent); }
.ub button, .ub input, .ub select, .ub textarea { font: inherit; color: inherit; }
.ub input, .ub select, .ub textarea { width: 100%; min-width: 0; padding: .42rem .6rem; border: 1px solid var(--line);
  border-radius: 7px; background: var(--card); }
.ub input[type=checkbox], .ub input[type=radio] { width: 1rem; height: 1rem; margin: 0; accent-color: var(--accent); flex: none; }
.ub [aria-invalid=true] { border-color: var(--bad); }
.ub button, .ub .ub-button { display: inline-flex; align-items: center; gap: .4rem; padding: .42rem .85rem; border: 1px solid var(--line);
  border-radius: 7px; background: var(--card); cursor: pointer; text-decoration: none; color: var(--fg); white-space: nowrap; }
.ub button:hover, .ub .ub-button:hover { border-color: var(--accent); }
.ub button.ub-primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.ub button:disabled { opacity: .55; cursor: default; }
.ub button.ub-link { border: 0; background: none; padding: 0; color: var(--accent); text-decoration: underline; }
.ub :is(button, a, input, select, textarea, summary, [tabindex]):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.ub label { font-weight: 560; font-size: .92rem; }
.ub-field { display: grid; gap: .2rem; align-content: start; min-width: 0; }
.ub-hint { color: var(--muted); font-size: .85rem; } .ub-hint:empty { display: none; }
.ub-field-error, .ub-error { color: var(--bad); font-size: .9rem; }
.ub-error { border: 1px solid var(--bad); border-radius: 8px; padding: .7rem .9rem; background: var(--card); }
.ub-error p + p { color: var(--fg); margin-top: .2rem; }
.ub-note { border-left: 3px solid var(--warm); padding: .35rem .8rem; background: var(--soft); border-radius: 0 7px 7px 0; font-size: .92rem; }
.ub-good { color: var(--good); }
.ub-muted { color: var(--muted); }
.ub-card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.2rem; min-width: 0; }
.ub-line { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.ub-line > input, .ub-line > select { width: auto; flex: 1 1 8rem; }
.ub-line label:has(input, select) { display: inline-flex; gap: .4rem; align-items: center; font-weight: 450; }
.ub-spread { justify-content: space-between; }
.ub-stack { display: grid; gap: .9rem; min-width: 0; grid-template-columns: minmax(0, 1fr); align-content: start; }
.ub-stack > :empty:not(input, textarea, progress) { display: none; }
.ub pre, .ub-code { font-family: var(--mono); font-size: .85rem; background: var(--soft); border-radius: 8px; padding: .8rem 1rem;
  overflow-x: auto; margin: 0; white-space: pre; tab-size: 4; }
.ub textarea.ub-code { font-family: var(--mono); font-size: .88rem; line-height: 1.5; width: 100%; white-space: pre-wrap; min-height: 7.5rem; resize: vertical; border: 1px solid var(--line); }
.ub details > summary { cursor: pointer; font-weight: 560; }
.ub-segments { display: inline-flex; border: 1px solid var(--line); border-radius: 7px; overflow: hidden; }
.ub .ub-segments button { border: 0; border-radius: 0; padding: .25rem .6rem; font-size: .85rem; }
.ub .ub-segments button + button { border-left: 1px solid var(--line); }
.ub .ub-segments button[aria-pressed=true] { background: var(--accent); color: var(--on-accent); }
.ub progress { width: 100%; height: .7rem; accent-color: var(--accent); }
`;

const TABLE = `
.ub-table { overflow: auto; height: 100%; border: 1px solid var(--line); border-radius: 10px; background: var(--card);
  font-size: .88rem; font-variant-numeric: tabular-nums; contain: strict; overflow-anchor: none; }
.ub-thead, .ub-tr { display: grid; grid-template-columns: var(--ub-columns); min-width: max-content; }
.ub-thead { position: sticky; top: 0; z-index: 1; background: var(--soft); border-bottom: 1px solid var(--line); }
.ub .ub-th button { display: grid; grid-template-columns: auto auto; justify-content: start; gap: 0 .25rem; width: 100%; border: 0; border-radius: 0;
  background: none; padding: .35rem .7rem; text-align: left; font-weight: 600; }
.ub .ub-th.ub-num button { justify-content: end; }
.ub .ub-th button:focus-visible { outline-offset: -3px; }
.ub-th small { grid-column: 1 / -1; color: var(--muted); font-weight: 400; font-size: .78rem; line-height: 1.2; }
.ub-num small { text-align: right; }
.ub-th[aria-sort=ascending] .ub-arrow::after { content: "▲"; font-size: .7em; color: var(--accent); }
.ub-th[aria-sort=descending] .ub-arrow::after { content: "▼"; font-size: .7em; color: var(--accent); }
.ub-tspace { position: relative; min-width: max-content; }
.ub-tr { height: 30px; border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); cursor: default; }
.ub-tr:hover { background: var(--soft); }
.ub-tr[aria-selected=true] { background: var(--chosen); box-shadow: inset 3px 0 var(--warm); }
.ub-tr.ub-current { outline: 2px solid var(--accent); outline-offset: -2px; }
.ub-td { padding: 0 .7rem; line-height: 30px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ub-td.ub-num { text-align: right; }
.ub-waiting { color: var(--muted); }
`;

const adopted = new WeakMap();

/**
 * Adopt styles where a module is mounted: in the document, or in the shadow root that holds it.
 * @param {HTMLElement} root
 * @param {string} [own] further rules of the module
 */
export function adoptStyle(root, own = "") {
  const tree = root.getRootNode();
  const owner = tree instanceof ShadowRoot ? tree : document;
  const known = adopted.get(owner) || new Set();
  adopted.set(owner, known);
  for (const text of [PALETTE + CONTROLS + TABLE, own]) {
    if (!text || known.has(text)) continue;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    owner.adoptedStyleSheets = [...owner.adoptedStyleSheets, sheet];
    known.add(text);
  }
  root.classList.add("ub");
}
