/** The look of the catalog browser. */

/** Rules beside those of `shared/style.js`. */
export const BROWSE_STYLE = `
.ub-tight { gap: .4rem; }
.ub-form { display: grid; gap: 1.4rem 2rem; grid-template-columns: minmax(0, 1fr); }
.ub-where { display: grid; gap: .9rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
.ub-amount { display: grid; grid-template-columns: minmax(3.5em, 1fr) minmax(6.5em, 1.3fr); gap: .4rem; }
.ub-stack > .ub-segments { justify-self: start; }
.ub-file { display: grid; gap: .3rem; font-weight: 450 !important; }
.ub .ub-file input { border-style: dashed; font-size: .88rem; }
.ub-problems { margin: 0; padding-left: 1.2rem; font-size: .88rem; max-height: 12rem; overflow: auto; overflow-wrap: anywhere; }
.ub-epoch { gap: .2rem .6rem; }
.ub-epoch .ub-hint { flex-basis: 100%; }
.ub-offered { position: relative; display: grid; }
.ub-offers { position: absolute; z-index: 5; top: calc(100% + .2rem); left: 0; right: 0; background: var(--card); border: 1px solid var(--line);
  border-radius: 9px; box-shadow: 0 6px 24px rgb(0 0 0 / .18); overflow: hidden; }
.ub-offers ul { list-style: none; margin: 0; padding: .25rem; max-height: 14rem; overflow: auto; }
.ub-offers li { display: flex; gap: 1rem; justify-content: space-between; padding: .25rem .6rem; border-radius: 6px; cursor: pointer;
  font-family: var(--mono); font-size: .84rem; }
.ub-offers li > .ub-muted { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ub-offers li[aria-selected=true], .ub-offers li:hover { background: var(--soft); }
.ub-offers p { margin: 0; padding: .3rem .85rem; font-size: .8rem; border-top: 1px solid var(--line); }
.ub-output { scroll-margin-top: 1rem; }
.ub-filters:empty { display: none; }
.ub-filter { display: grid; gap: .4rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto; }
.ub-filter > input { grid-row: 2; grid-column: 1 / 3; }
.ub-columns-box { max-height: 23rem; overflow: auto; border: 1px solid var(--line); border-radius: 9px; }
.ub-columns { border-collapse: collapse; width: 100%; font-size: .88rem; }
.ub-columns th, .ub-columns td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
.ub-columns thead th { position: sticky; top: 0; background: var(--soft); z-index: 1; font-weight: 600; }
.ub-columns tbody th { font-weight: 600; font-family: var(--mono); font-size: .84rem; }
.ub-columns td:nth-child(3) { white-space: nowrap; }
.ub-ucd { display: block; color: var(--muted); font-family: var(--mono); font-size: .78rem; overflow-wrap: anywhere; }
.ub-values { color: var(--muted); font-variant-numeric: tabular-nums; }
.ub-plots { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.ub-plot { display: grid; gap: .6rem; padding: .9rem 1rem; align-content: start; }
.ub-plot figure { margin: 0; height: 21rem; min-width: 0; position: relative; overflow: hidden; }
.ub-plot.ub-wide figure { height: clamp(18rem, 42cqw, 25rem); }
.ub-plot.ub-whole figure { height: clamp(9.5rem, 42cqw, 25rem); }
.ub-plot-controls { display: flex; flex-wrap: wrap; gap: .4rem .8rem; align-items: center; font-size: .88rem; }
.ub-plot-controls select { width: auto; max-width: 11rem; padding: .22rem .4rem; }
.ub-plot-controls label { display: inline-flex; gap: .35rem; align-items: center; font-weight: 450; font-size: .88rem; }
.ub-result-table { height: 26rem; }
.ub-selected { color: var(--warm); font-weight: 600; }
.ub-copied { color: var(--good); font-size: .88rem; }
@container (max-width: 40rem) {
  .ub-columns thead { display: none; }
  .ub-columns tr { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .ub-columns :is(td, th) { border: 0; padding: .1rem .5rem; }
  .ub-columns td:nth-child(n + 4) { grid-column: 2 / -1; }
  .ub-labelled tr { grid-template-columns: minmax(0, 1fr); }
  .ub-labelled td:nth-child(n) { grid-column: 1; white-space: normal; overflow-wrap: anywhere; }
  .ub-labelled td:empty { display: none; }
  .ub-labelled td::before { content: attr(data-head) ": "; color: var(--muted); }
}
@container (min-width: 46rem) {
  .ub-form { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); }
  .ub-filter { grid-template-columns: minmax(0, 4fr) minmax(0, 3fr) minmax(0, 4fr) auto; }
  .ub-filter > input { grid-row: auto; grid-column: auto; }
}
@container (min-width: 58rem) {
  .ub-where { grid-template-columns: minmax(0, 3fr) minmax(10.4em, 2fr); }
  .ub-plots { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .ub-plot.ub-wide { grid-column: 1 / -1; }
}
`;
