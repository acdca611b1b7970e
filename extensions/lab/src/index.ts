/** Uraniborg in JupyterLab: cards in the Launcher, notebooks sent from the portal, and notices of the lab's server. */

import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { catalogIcon, instrumentIcon } from './icons';
import { notebookOf, open, openAndRun, saveNew } from './notebooks';
import { Notices } from './notices';
import { Instrument, ask, instruments, notebookPath } from './portal';

const OPEN = 'uraniborg:open';
const CATEGORY = 'Uraniborg';
const FIRST = -1; // before "Notebook"
const PARAMETER = 'uraniborg-notebook';

/** What a card opens: a notebook of that name with that code. */
interface Card {
  title: string;
  caption: string;
  name: string;
  code: string;
  icon: 'catalog' | 'instrument';
  [key: string]: string;
}

const BROWSER: Card = {
  title: 'Catalog browser',
  caption: 'Search and plot catalogs in a new notebook',
  name: 'catalogs',
  code: 'import uraniborg as ub\n\nub.browse(into="stars")',
  icon: 'catalog'
};

function cardOf(instrument: Instrument): Card {
  const variable = instrument.name.replace(/\W/g, '_');
  return {
    title: instrument.title,
    caption: `Ask the instrument ${instrument.name} in a new notebook`,
    name: variable,
    code: `import uraniborg as ub\n\nub.instrument("${instrument.name}").form(into="${variable}_product")`,
    icon: 'instrument'
  };
}

function addCommand(app: JupyterFrontEnd): void {
  app.commands.addCommand(OPEN, {
    label: args => (args as Partial<Card>).title ?? 'Uraniborg',
    caption: args => (args as Partial<Card>).caption ?? '',
    icon: args => (args.icon === 'instrument' ? instrumentIcon : catalogIcon),
    execute: async args => {
      const card = { ...BROWSER, ...(args as Partial<Card>) } as Card;
      const folder = typeof args.cwd === 'string' ? args.cwd : '';
      await openAndRun(app, await saveNew(app, folder, card.name, notebookOf(card.code)));
    }
  });
}

function addCard(launcher: ILauncher, card: Card, rank: number): void {
  launcher.add({ command: OPEN, args: card, category: CATEGORY, rank, categoryRank: FIRST } as ILauncher.IItemOptions);
}

async function addCards(app: JupyterFrontEnd, launcher: ILauncher): Promise<void> {
  addCard(launcher, BROWSER, 0);
  try {
    (await instruments(app.serviceManager.serverSettings)).map(cardOf).forEach((card, index) => addCard(launcher, card, index + 1));
  } catch (error) {
    await app.restored;
    Notification.warning(`The Launcher has no cards for instruments. ${words(error)}`, { autoClose: 8000 });
  }
}

/** Save the notebook that the page's address names as a new file, and open it; the address forgets it. */
async function bringNotebook(app: JupyterFrontEnd): Promise<void> {
  const address = new URL(window.location.href);
  const asked = address.searchParams.get(PARAMETER);
  if (asked === null) {
    return;
  }
  address.searchParams.delete(PARAMETER);
  window.history.replaceState(null, '', address);
  await app.restored; // earlier, nobody would see the notification of a failure
  try {
    const path = notebookPath(asked);
    if (path === null) {
      throw new Error(`${asked} is not a notebook of this platform's portal.`);
    }
    const [kind, identifier] = path.split('/');
    const name = `${kind === 'queries' ? 'query' : 'product'}-${identifier.slice(0, 8)}`;
    await open(app, await saveNew(app, '', name, await ask(app.serviceManager.serverSettings, path)));
  } catch (error) {
    Notification.error(`The notebook could not be brought into this lab. ${words(error)}`, { autoClose: false });
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const cards: JupyterFrontEndPlugin<void> = {
  id: '@uraniborg/lab:cards',
  description: 'Cards for the catalog browser and the instruments.',
  autoStart: true,
  optional: [ILauncher],
  activate: (app: JupyterFrontEnd, launcher: ILauncher | null) => {
    addCommand(app);
    if (launcher) {
      void addCards(app, launcher);
    }
  }
};

const notebooks: JupyterFrontEndPlugin<void> = {
  id: '@uraniborg/lab:notebooks',
  description: 'Brings a notebook that the portal made into the lab.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    void bringNotebook(app);
  }
};

const notices: JupyterFrontEndPlugin<void> = {
  id: '@uraniborg/lab:notices',
  description: 'Shows notices of the lab: that it ends soon, that its folder is full.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    if (PageConfig.getOption('uraniborgNotices')) {
      void new Notices(app).start();
    }
  }
};

export default [cards, notebooks, notices];
