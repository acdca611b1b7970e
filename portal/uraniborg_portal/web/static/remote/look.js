/** The look of what only the page of other services has. */

export const REMOTE_STYLE = `
.ub-tables { max-height: 18rem; overflow: auto; }
.ub-tables label { display: flex; gap: .5rem; align-items: baseline; flex: none; min-height: 1.75rem; font-weight: normal; overflow-wrap: anywhere; }
.ub-tables:empty { display: none; }
`;
