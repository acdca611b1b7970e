/** What the page of other services remembers; the parts of it that the form's own fields use are named as theirs. */

/**
 * Give a full state from a stored one.
 * @param {Object<string, *>} [stored]
 * @returns {RemoteState}
 */
export function fullState(stored = {}) {
  return {
    service: null,
    address: "",
    search: "",
    table: null,
    target: "",
    many: false,
    radius: "10",
    radiusUnit: "arcmin",
    filters: [],
    columns: null,
    rows: 10_000,
    move: false,
    epochYear: "",
    adql: "",
    edited: false,
    query: null,
    uploads: {},
    plots: {},
    ...structuredClone(stored || {}),
  };
}

/**
 * What the portal's form route for other services takes.
 * @param {RemoteState} state
 * @param {Array<*>} filters complete conditions
 */
export function formRequest(state, filters) {
  return {
    service: serviceOf(state),
    table: state.table,
    target: state.target || null,
    radius: state.target ? `${state.radius} ${state.radiusUnit}` : null,
    filters,
    columns: state.columns,
    rows: state.rows,
  };
}

/** The service that is asked: one of the list, or an address. @param {RemoteState} state @returns {string} */
export function serviceOf(state) {
  return state.service || state.address.trim();
}
