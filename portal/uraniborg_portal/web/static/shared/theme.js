/** Light and dark: what the page, JupyterLab or the system asks for, and colors for what is drawn on a canvas. */

/**
 * Whether an element is shown on a dark page.
 * @returns {boolean}
 */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "dark" || chosen === "light") return chosen === "dark";
  const lab = document.body.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * Call `listener(dark)` now and whenever the theme changes.
 * @param {function(boolean): void} listener
 * @returns {function(): void} stops it
 */
export function watchTheme(listener) {
  const tell = () => listener(isDark());
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", tell);
  const observer = new MutationObserver(tell);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  tell();
  return () => {
    media.removeEventListener("change", tell);
    observer.disconnect();
  };
}

/**
 * Colors of plots; the points' blue and the selection's orange can be told apart by color-blind readers.
 * @param {boolean} dark
 */
export function plotColors(dark) {
  return dark
    ? { text: "#dbe3ee", muted: "#93a1b3", line: "#39465a", grid: "#263141", page: "#171e27", sky: "#0c1119",
        point: [116, 178, 255], rest: [105, 119, 138], chosen: [255, 170, 60], bar: "#5b93d6", chosenBar: "#ffaa3c" }
    : { text: "#1b2533", muted: "#5b6878", line: "#aeb8c5", grid: "#e6eaf0", page: "#ffffff", sky: "#f5f7fa",
        point: [0, 90, 170], rest: [150, 160, 173], chosen: [213, 94, 0], bar: "#4a86c5", chosenBar: "#d55e00" };
}
