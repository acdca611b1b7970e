/** What every page starts with: the theme, copy buttons, and the module that the page names. */

import { copyText } from "./shared/clipboard.js";
import { pageTransport } from "./transport.js";

const settings = JSON.parse(document.getElementById("page").textContent);
const transport = pageTransport(settings.prefix, settings.hub);

/** The path whose page this is. */
let shown = location.pathname;

const THEMES = { system: "Theme: system", light: "Theme: light", dark: "Theme: dark" };

function startTheme() {
  const button = document.getElementById("theme");
  const names = Object.keys(THEMES);
  const show = (name) => {
    if (name === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    button.textContent = THEMES[name];
  };
  let name = names.includes(localStorage.getItem("uraniborg-theme")) ? localStorage.getItem("uraniborg-theme") : "system";
  show(name);
  button.addEventListener("click", () => {
    name = names[(names.indexOf(name) + 1) % names.length];
    localStorage.setItem("uraniborg-theme", name);
    show(name);
  });
}

function startCopyButtons() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await copyText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
}

async function startModule() {
  const root = document.getElementById("module");
  if (!root) return;
  const { mount } = await import(`./${settings.module}`);
  const stored = recall();
  mount(root, {
    transport,
    bokeh: globalThis.Bokeh,
    state: { ...stored, ...settings.state },
    onChange: (state) => history.replaceState({ module: state }, ""),
    onResult: settings.result ? (result) => rename(settings.result + result.id) : undefined,
  });
}

/** The state that this entry of the browser's history had, so that Back and Reload show what was there. */
function recall() {
  return history.state?.module || {};
}

/** Give the page the address of its result, without loading it anew. */
function rename(path) {
  shown = settings.prefix + path;
  if (location.pathname !== shown) history.pushState(history.state, "", shown);
}

/** Back and Forward between results; a jump inside the page is none. */
function wentBack() {
  if (location.pathname !== shown) location.reload();
}

startTheme();
startCopyButtons();
startModule();
addEventListener("popstate", wentBack);
