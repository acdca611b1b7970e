/** The look of instruments. */

/** Rules beside those of `shared/style.js`. */
export const INSTRUMENT_STYLE = `
.ub-fields { display: grid; gap: 1rem 1.4rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); align-items: start; }
.ub-fields + .ub-fields { border-top: 1px solid var(--line); padding-top: 1rem; }
.ub-products { border: 0; padding: 0; margin: 0; min-width: 0; }
.ub-products legend { font-weight: 560; font-size: .92rem; padding: 0; margin-bottom: .35rem; }
.ub-product-list { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); }
.ub .ub-product { display: flex; gap: .6rem; align-items: flex-start; padding: .7rem .8rem; border: 1px solid var(--line);
  border-radius: 9px; font-weight: 450; cursor: pointer; }
.ub .ub-product input { margin-top: .25rem; }
.ub .ub-product:has(input:checked) { border-color: var(--accent); background: var(--soft); }
.ub-product small { display: block; margin-top: .1rem; font-size: .85rem; }
.ub .ub-log { max-height: 14rem; overflow: auto; min-height: 4rem; }
.ub-view { margin: 0; min-width: 0; overflow-x: auto; }
.ub-facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .8rem 1.4rem; margin: 0; }
.ub-facts dt, .ub-parameters dt { color: var(--muted); font-size: .85rem; } .ub-facts dd { margin: 0; font-size: 1.05rem; font-weight: 600; }
.ub-parameters { display: grid; gap: .2rem; margin: 0; }
.ub-parameters div { display: flex; justify-content: space-between; gap: 1rem; border-bottom: 1px solid var(--line); padding: .2rem 0; }
.ub-parameters dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.ub-sub { font-size: .92rem; margin: .6rem 0 .2rem !important; }
.ub-halves { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
.ub-plain { list-style: none; padding: 0; margin: 0; display: grid; gap: .8rem; }
.ub-plain li { flex-wrap: nowrap; align-items: flex-start; } .ub-plain li > span { min-width: 0; overflow-wrap: anywhere; }
.ub-block { display: block; } .ub-hash { font-family: var(--mono); color: var(--muted); font-size: .72rem; }
@container (min-width: 52rem) { .ub-sub { font-size: .92rem; margin: .6rem 0 .2rem !important; }
.ub-halves { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
`;
