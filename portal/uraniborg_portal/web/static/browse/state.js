/** What the browser remembers: the form, the text and the plots; plain values that can be stored and given back. */

/**
 * Give a full state from a stored one.
 * @param {Object<string, *>} [stored]
 * @returns {FormState}
 */
export function fullState(stored = {}) {
  return {
    catalog: null,
    target: "",
    many: false,
    targetText: "",
    targets: null,
    nearest: true,
    keepAll: false,
    uploads: {},
    radius: "30",
    radiusUnit: "arcmin",
    filters: [],
    columns: null,
    rows: 200_000,
    move: false,
    epochYear: "2026",
    adql: "",
    edited: false,
    query: null,
    job: null,
    plots: {},
    ...structuredClone(stored || {}),
  };
}

/**
 * What the portal's form route takes.
 * @param {FormState} state
 * @param {Array<*>} filters complete conditions
 * @param {Catalog} catalog
 */
export function formRequest(state, filters, catalog) {
  const moves = state.move && catalog.position.epoch && catalog.position.pmra;
  return {
    catalog: state.catalog,
    target: state.many ? null : state.target || null,
    radius: state.many || state.target ? `${state.radius} ${state.radiusUnit}` : null,
    targets: state.many ? { id: state.targets.id, nearest: state.nearest, keep_all: state.keepAll } : null,
    filters,
    columns: state.columns,
    rows: state.rows,
    order: null,
    epoch: moves ? Number(state.epochYear) : null,
  };
}
