/** Notebooks that this extension makes or brings: always new files, never over another. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';
import { Contents } from '@jupyterlab/services';

/** A notebook of one code cell. */
export function notebookOf(source: string): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' } },
    cells: [{ id: 'widget', cell_type: 'code', metadata: {}, source, outputs: [], execution_count: null }]
  };
}

/** Save a notebook as a new file in a folder, and give its path: `name.ipynb`, `name-1.ipynb`, … */
export async function saveNew(app: JupyterFrontEnd, folder: string, name: string, content: unknown): Promise<string> {
  const contents = app.serviceManager.contents;
  const listing = await contents.get(folder, { content: true });
  const taken = new Set((listing.content as Contents.IModel[]).map(entry => entry.name));
  let file = `${name}.ipynb`;
  for (let number = 1; taken.has(file); number += 1) {
    file = `${name}-${number}.ipynb`;
  }
  const path = PathExt.join(folder, file);
  await contents.save(path, { type: 'notebook', format: 'json', content: content as Contents.IModel['content'] });
  return path;
}

/** What this extension needs of a notebook's panel. */
interface NotebookPanel {
  context: { ready: Promise<void> };
  sessionContext: { ready: Promise<void>; session: { kernel: { info: Promise<unknown> } | null } | null };
}

/** Open a notebook, without running anything in it. */
export async function open(app: JupyterFrontEnd, path: string): Promise<NotebookPanel> {
  return (await app.commands.execute('docmanager:open', { path, factory: 'Notebook' })) as NotebookPanel;
}

/** Open a notebook of ours and run it as soon as its kernel is there. */
export async function openAndRun(app: JupyterFrontEnd, path: string): Promise<void> {
  const panel = await open(app, path);
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session?.kernel?.info;
  await app.commands.execute('notebook:run-all-cells');
}
