/** Small ways to build and change the page without a framework; text is always text, never HTML. */

let counter = 0;

/**
 * Give an id that no other element of this page has.
 * @param {string} stem what the id is for
 * @returns {string}
 */
export function uniqueId(stem) {
  counter += 1;
  return `ub-${stem}-${counter}`;
}

/**
 * Build an element.
 * @param {string} tag a tag name with classes, such as `div.ub-card`
 * @param {Object<string, *>} properties `on…` are listeners, `class` adds classes, `style` is an object, other keys are
 *   attributes (false, null and undefined leave them out, true gives an empty one); `value` and `checked` are properties
 * @param {...*} children elements, texts, numbers, arrays of these; null and false are left out
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) setProperty(element, key, value);
  append(element, children);
  return element;
}

function setProperty(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "class") element.classList.add(...value.split(" ").filter(Boolean));
  else if (key === "style") Object.assign(element.style, value);
  else if (key === "value" || key === "checked") element[key] = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Replace what an element holds.
 * @param {HTMLElement} element
 * @param {...*} children as for `h`
 * @returns {HTMLElement} the element
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/**
 * Give a function that runs `action` once, `milliseconds` after the last call.
 * @param {number} milliseconds
 * @param {function(...*): void} action
 */
export function later(milliseconds, action) {
  let timer = 0;
  const run = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
  run.cancel = () => clearTimeout(timer);
  return run;
}

/**
 * Give a function that runs `action` once per drawn frame, however often it is called.
 * @param {function(): void} action
 */
export function eachFrame(action) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      action();
    });
  };
}

/**
 * A labelled field: label, control, hint and a place for an error, tied together for screen readers.
 * @param {string} label
 * @param {HTMLElement} control input, select or textarea
 * @param {string} [hint]
 * @returns {{element: HTMLElement, control: HTMLElement, fail: function(string): void, hint: function(...*): void}}
 */
export function field(label, control, hint = "") {
  control.id ||= uniqueId("field");
  const hintLine = h("p.ub-hint", { id: `${control.id}-hint` }, hint);
  const errorLine = h("p.ub-field-error", { id: `${control.id}-error`, role: "alert", hidden: true });
  control.setAttribute("aria-describedby", `${hintLine.id} ${errorLine.id}`);
  const element = h("div.ub-field", {}, h("label", { for: control.id }, label), control, hintLine, errorLine);
  return {
    element,
    control,
    hint: (...parts) => fill(hintLine, ...parts),
    fail: (message) => {
      errorLine.hidden = !message;
      errorLine.textContent = message || "";
      control.setAttribute("aria-invalid", message ? "true" : "false");
    },
  };
}

/**
 * A select with options.
 * @param {Array<[string, string]>} options value and text
 * @param {string|null} value the chosen one
 * @param {Object<string, *>} properties as for `h`
 * @returns {HTMLSelectElement}
 */
export function choice(options, value, properties = {}) {
  const select = h("select", properties, options.map(([key, text]) => h("option", { value: key }, text)));
  if (value !== null && value !== undefined) select.value = value;
  return select;
}
