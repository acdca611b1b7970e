/** Notices of the lab's server: that the lab ends soon, that its folder is full. */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** As `uraniborg_hub.lab.notices` gives them. */
interface Notice {
  id: string;
  level: 'warning' | 'error';
  text: string;
  title: string;
  keep: boolean;
}

interface Answer {
  notices: Notice[];
  again: number; // seconds until the next question
  use: number; // seconds between two words that somebody is here; 0 is never
}

const RETRY = 60; // seconds after which a server that did not answer is asked again
const SIGNS = ['pointerdown', 'keydown', 'wheel'];

export class Notices {
  constructor(private readonly app: JupyterFrontEnd) {}

  /** Show what there is from now on; opening the page is use of the lab. */
  async start(): Promise<void> {
    await this.app.restored; // earlier, nobody would see a notice
    SIGNS.forEach(sign => document.addEventListener(sign, event => this.seen(event), { capture: true, passive: true }));
    document.addEventListener('visibilitychange', () => void (document.hidden ? this.entitle() : this.use()));
    await this.use();
  }

  /** Somebody does something at the page: the server hears of it now and then, and at once where it warns. */
  private seen(event: globalThis.Event): void {
    const notice = event.target instanceof Element && event.target.closest('.Toastify, .jp-Notification-List');
    const quiet = (Date.now() - this.said) / 1000;
    if (!notice && this.every > 0 && quiet >= (this.ending() ? 1 : this.every)) {
      void this.use();
    }
  }

  private async use(): Promise<void> {
    this.said = Date.now();
    await this.ask('activity', 'POST');
  }

  /** The button: like `use`, and a failure is told. */
  private async keep(): Promise<void> {
    this.said = Date.now();
    const problem = await this.ask('activity', 'POST');
    if (problem) {
      Notification.error(problem, { autoClose: 10000 });
    }
  }

  /** Ask the server and show its notices; gives what went wrong. */
  private async ask(name: string, method: string): Promise<string | null> {
    window.clearTimeout(this.timer);
    let next = RETRY;
    try {
      const answer = await request(this.app.serviceManager.serverSettings, name, method);
      next = answer.again;
      this.every = answer.use;
      this.show(answer.notices);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask('notices', 'GET'), next * 1000);
    }
  }

  private show(notices: Notice[]): void {
    const ids = new Set(notices.map(notice => notice.id));
    for (const [id, shown] of this.shown) {
      if (!ids.has(id)) {
        Notification.dismiss(shown);
        this.shown.delete(id);
      }
    }
    notices.forEach(notice => this.put(notice));
    this.notices = notices;
    this.entitle();
  }

  private put(notice: Notice): void {
    const shown = this.shown.get(notice.id);
    if (shown === undefined) {
      const actions = notice.keep
        ? [{ label: 'Keep it running', displayType: 'accent' as const, callback: () => void this.keep() }]
        : [];
      this.shown.set(notice.id, Notification.emit(notice.text, notice.level, { autoClose: false, actions }));
    } else if (Notification.manager.notifications.find(each => each.id === shown)?.message !== notice.text) {
      // One that its reader has closed is not there any more, and stays closed.
      Notification.update({ id: shown, message: notice.text, type: notice.level });
    }
  }

  private ending(): boolean {
    return this.notices.some(notice => notice.keep);
  }

  /** The page's title says it too, while nobody looks at the page. */
  private entitle(): void {
    if (this.before && document.title.startsWith(this.before)) {
      document.title = document.title.slice(this.before.length);
    }
    const title = this.notices.find(notice => notice.title)?.title;
    this.before = document.hidden && title ? `${title} · ` : '';
    document.title = this.before + document.title;
  }

  private readonly shown = new Map<string, string>(); // a notice's id to its notification
  private notices: Notice[] = [];
  private before = ''; // what we put before the title
  private every = 0;
  private said = 0;
  private timer = 0;
}

async function request(settings: ServerConnection.ISettings, name: string, method: string): Promise<Answer> {
  const url = URLExt.join(settings.baseUrl, 'uraniborg', name);
  const response = await ServerConnection.makeRequest(url, { method }, settings);
  if (!response.ok) {
    throw new Error(`The lab's server answered ${response.status}: it may not run any more.`);
  }
  return (await response.json()) as Answer;
}
