/** The portal of the platform that this lab belongs to. The lab's own server asks it: it may be on another origin. */

import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** An instrument, as the portal lists it. */
export interface Instrument {
  name: string;
  title: string;
}

/** The portal's path on its host; empty where this lab's server knows no portal. */
function portalPath(): string {
  return PageConfig.getOption('uraniborgPortal');
}

/**
 * The path of a notebook that the portal makes, below the portal's own; null for anything else.
 *
 * Only notebooks of queries and products of this platform are accepted: a link must not make the lab load others.
 */
export function notebookPath(asked: string): string | null {
  const portal = portalPath();
  const inside = portal && asked.startsWith(portal) ? asked.slice(portal.length) : asked;
  return portal && /^(queries|products)\/[\w-]+\/notebook\.ipynb$/.test(inside) ? inside : null;
}

/** The instruments of the platform. Throws a sentence where the portal does not answer. */
export async function instruments(settings: ServerConnection.ISettings): Promise<Instrument[]> {
  return portalPath() ? ((await ask(settings, 'api/instruments')) as Instrument[]) : [];
}

/** The JSON at a path below the portal's. Throws the portal's own words, or the status. */
export async function ask(settings: ServerConnection.ISettings, path: string): Promise<unknown> {
  const url = URLExt.join(settings.baseUrl, 'uraniborg/portal', path);
  const answer = await ServerConnection.makeRequest(url, {}, settings);
  const told = (await answer.json().catch(() => null)) as { message?: string; remedy?: string } | null;
  if (!answer.ok || told === null) {
    throw new Error(told?.message ? `${told.message} ${told.remedy ?? ''}` : `The portal answered ${answer.status}.`);
  }
  return told;
}
