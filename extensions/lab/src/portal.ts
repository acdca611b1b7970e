/** The portal of the hub that this lab belongs to: where it is, and what it offers. */

import { PageConfig } from '@jupyterlab/coreutils';

/** An instrument, as the portal lists it. */
export interface Instrument {
  name: string;
  title: string;
}

/** The portal's path on this origin; null where no hub runs this lab. */
export function portalPath(): string | null {
  const hub = PageConfig.getOption('hubPrefix');
  return hub ? hub.replace(/hub\/?$/, 'services/portal/') : null;
}

/**
 * The path of a notebook that the portal makes, null for anything else.
 *
 * Only notebooks of queries and products of this platform are accepted: a link must not make the lab load others.
 */
export function notebookPath(asked: string): string | null {
  const portal = portalPath();
  if (!portal) {
    return null;
  }
  const inside = asked.startsWith(portal) ? asked.slice(portal.length) : asked;
  return /^(queries|products)\/[\w-]+\/notebook\.ipynb$/.test(inside) ? portal + inside : null;
}

/** The instruments of the platform. Throws a sentence where the portal does not answer. */
export async function instruments(): Promise<Instrument[]> {
  const portal = portalPath();
  return portal ? ((await json(`${portal}api/instruments`)) as Instrument[]) : [];
}

/** The JSON at a path of this origin. Throws the portal's own words, or the status. */
export async function json(path: string): Promise<unknown> {
  const answer = await fetch(path, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  const told = (await answer.json().catch(() => null)) as { message?: string; remedy?: string } | null;
  if (!answer.ok || told === null) {
    throw new Error(told?.message ? `${told.message} ${told.remedy ?? ''}` : `The portal answered ${answer.status}.`);
  }
  return told;
}
