/** The look of queries in the background. */

/** Rules beside those of `shared/style.js`. */
export const QUERIES_STYLE = `
.ub-tight { gap: .4rem; }
.ub-query { gap: .6rem; }
.ub-query-line { font-family: var(--mono); font-size: .88rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ub-phase[data-phase=COMPLETED] { color: var(--good); }
.ub-phase[data-phase=ERROR] { color: var(--bad); }
.ub-phase:is([data-phase=EXECUTING], [data-phase=QUEUED]) { color: var(--warm); }
.ub-phase[data-phase=EXECUTING]::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .45em; border-radius: 50%;
  background: currentColor; animation: ub-breathe 1.6s ease-in-out infinite; }
.ub-copied { color: var(--good); font-size: .88rem; }
@keyframes ub-breathe { 50% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { .ub-phase::before { animation: none !important; } }
`;
