/** A pool, live: the kernel sends the platform's facts about it, buttons send what its owner wants. */

const SILENCE = 3000; // ms without an answer of the kernel, after which the still form is left in view
const SLOW = 2500; // ms without an answer to a button, after which it is said that the kernel is busy
const AGAIN = 30000; // ms between two messages that this view is still seen
const GIBIBYTE = 2 ** 30;
const OVER = new Set(["closed", "ended", "failed", "stopping"]);

/** An element with its attributes and children; text is never read as HTML. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const memory = (bytes) => (bytes < GIBIBYTE ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / GIBIBYTE).toFixed(1)} GiB`);
const count = (number) => number.toLocaleString("en");
const sum = (workers, name) => workers.reduce((total, worker) => total + worker[name], 0);
const percent = (part, whole) => (whole > 0 ? Math.min(100, (100 * part) / whole) : 0);

/** A bar of one or two parts, decoration only: the same is there in words. */
function makeBar(parts = 1) {
  const bar = make("div", { class: "ub-pool-bar", "aria-hidden": "true" });
  for (let part = 0; part < parts; part += 1) bar.append(make("i"));
  return bar;
}

function fillBar(bar, ...shares) {
  shares.forEach((share, index) => (bar.children[index].style.width = `${share}%`));
  bar.dataset.full = String(shares[0] > 80 && bar.children.length === 1);
}

/** A heading, a number in words, and a bar. */
function makeSum(title, parts) {
  const words = make("span");
  const bar = makeBar(parts);
  return { element: make("div", {}, make("small", {}, title), words, bar), words, bar };
}

/** The three sums of a pool: workers, memory, tasks. */
function makeSums() {
  const [workers, used, tasks] = [makeSum("Workers", 1), makeSum("Memory", 1), makeSum("Tasks", 2)];
  const element = make("div", { class: "ub-pool-sums" }, workers.element, used.element, tasks.element);
  const update = ({ ready, workers: wanted, adapt, figures }) => {
    workers.words.textContent = `${ready} of ${wanted}${adapt ? `, ${adapt.minimum} to ${adapt.maximum} by load` : ""}`;
    fillBar(workers.bar, percent(ready, adapt ? adapt.maximum : wanted));
    workers.bar.dataset.full = "false";
    const list = figures?.workers ?? [];
    const [taken, limit] = [sum(list, "memory"), sum(list, "limit")];
    used.words.textContent = figures ? `${memory(taken)} of ${memory(limit)}` : "–";
    fillBar(used.bar, percent(taken, limit));
    const { done = 0, processing = 0, waiting = 0, failed = 0 } = figures ?? {};
    const lost = failed ? `, ${count(failed)} failed` : "";
    tasks.words.textContent = figures ? `${count(done)} done, ${count(processing)} computing, ${count(waiting)} waiting${lost}` : "–";
    const all = done + processing + waiting + failed;
    fillBar(tasks.bar, percent(done, all), percent(processing, all));
  };
  return { element, update };
}

/** The table of workers; its rows stay the same elements while their workers live. */
function makeWorkers() {
  const element = make("div", { class: "ub-pool-workers", tabindex: "0", role: "region", "aria-label": "Workers" });
  const head = make("tr");
  for (const title of ["Worker", "Memory", "CPU", "Tasks"]) head.append(make("th", { scope: "col" }, title));
  const body = make("tbody");
  const table = make("table", {}, make("thead", {}, head), body);
  const rows = new Map();
  const rowOf = (name) => {
    if (!rows.has(name)) {
      const [bar, words] = [makeBar(), make("span")];
      const cells = [make("td", { title: name }, name), make("td", {}, bar, words), make("td"), make("td")];
      rows.set(name, { row: make("tr", {}, ...cells), bar, words, cpu: cells[2], tasks: cells[3] });
    }
    return rows.get(name);
  };
  const update = ({ figures }) => {
    const workers = figures?.workers ?? [];
    for (const name of rows.keys()) if (!workers.some((worker) => worker.name === name)) rows.delete(name);
    const shown = workers.map((worker) => {
      const { row, bar, words, cpu, tasks } = rowOf(worker.name);
      words.textContent = `${memory(worker.memory)} of ${memory(worker.limit)}`;
      fillBar(bar, percent(worker.memory, worker.limit));
      cpu.textContent = `${Math.round(worker.cpu)} %`;
      tasks.textContent = count(worker.tasks);
      return row;
    });
    if (shown.length !== body.children.length || shown.some((row, index) => body.children[index] !== row)) body.replaceChildren(...shown);
    if (!shown.length) element.replaceChildren();
    else if (!table.isConnected) element.replaceChildren(table);
  };
  return { element, update };
}

/** Slider, bounds and buttons; `send` asks the kernel. What the user has begun to change is not overwritten. */
function makeControls(send) {
  const group = `ub-pool-${Math.random().toString(36).slice(2)}`;
  const radio = (value) => make("input", { type: "radio", name: group, value });
  const number = (label) => make("input", { type: "number", min: "0", step: "1", "aria-label": label });
  const [fixed, follow] = [radio("scale"), radio("adapt")];
  const slider = make("input", { type: "range", min: "0", step: "1", "aria-label": "Number of workers" });
  const shown = make("output");
  const [minimum, maximum] = [number("Fewest workers"), number("Most workers")];
  const apply = make("button", { type: "submit" }, "Apply");
  const close = make("button", { type: "button", class: "ub-pool-close" }, "Close pool");
  const sure = make("button", { type: "button", class: "ub-pool-close" }, "Close, results are lost");
  const stay = make("button", { type: "button" }, "Keep");
  const scaling = make("label", {}, slider, shown);
  const adapting = make("fieldset", {}, make("label", {}, "from", minimum), make("label", {}, "to", maximum));
  const kinds = make("fieldset", {}, make("label", {}, fixed, "Fixed number"), make("label", {}, follow, "By load"));
  const element = make("form", { "aria-label": "Scale or close this pool" }, kinds, scaling, adapting, apply, make("span", { class: "ub-pool-end" }, close, sure, stay));
  let touched = false;
  const arrange = (asking = false) => {
    scaling.hidden = !fixed.checked;
    adapting.hidden = fixed.checked;
    shown.value = slider.value;
    apply.disabled = !touched;
    close.hidden = asking;
    sure.hidden = stay.hidden = !asking;
  };
  element.addEventListener("input", () => {
    touched = true;
    arrange();
  });
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    apply.disabled = true;
    if (fixed.checked) send({ kind: "scale", workers: slider.valueAsNumber });
    else send({ kind: "adapt", minimum: minimum.valueAsNumber || 0, maximum: maximum.valueAsNumber || 0 });
  });
  close.addEventListener("click", () => {
    arrange(true);
    stay.focus();
  });
  stay.addEventListener("click", () => {
    arrange();
    close.focus();
  });
  sure.addEventListener("click", () => send({ kind: "close" }));
  // JupyterLab would take keys of these fields as commands of its own.
  element.addEventListener("keydown", (event) => event.stopPropagation());
  const update = ({ state, workers, adapt, room, limits }) => {
    element.hidden = state !== "running" && state !== "starting";
    if (touched || element.hidden) return;
    const most = Math.max(room ?? limits?.workers_per_user ?? 1, workers, adapt?.maximum ?? 0);
    slider.max = minimum.max = maximum.max = String(most);
    slider.value = String(workers);
    minimum.value = String(adapt?.minimum ?? 0);
    maximum.value = String(adapt?.maximum ?? most);
    (adapt ? follow : fixed).checked = true;
    if (sure.hidden || !sure.isConnected) arrange();
  };
  const settle = (done) => {
    if (done) touched = false;
    arrange();
  };
  arrange();
  return { element, update, settle };
}

/** Tells the kernel whether this view is seen, so that it asks the platform often or seldom. */
function watchSeen(element, tell) {
  let inside = true;
  const say = () => tell(inside && document.visibilityState === "visible");
  const sight = new IntersectionObserver((entries) => {
    inside = entries.at(-1).isIntersecting;
    say();
  });
  sight.observe(element);
  document.addEventListener("visibilitychange", say);
  const timer = setInterval(say, AGAIN);
  return () => {
    sight.disconnect();
    document.removeEventListener("visibilitychange", say);
    clearInterval(timer);
    tell(false);
  };
}

function render({ model, el }) {
  const view = Math.random().toString(36).slice(2);
  const hide = make("style");
  const state = make("span", { class: "ub-pool-state" });
  const link = make("a", { target: "_blank", rel: "noopener" }, "Dashboard");
  const name = make("strong");
  const why = make("p", { class: "ub-pool-why" });
  const said = make("p", { class: "ub-pool-said", role: "status" });
  const say = (text, bad = false) => {
    said.textContent = text;
    said.dataset.bad = String(bad);
  };
  let slow = 0;
  const send = (content) => {
    slow = setTimeout(() => say("The kernel is busy; this is done as soon as it answers."), SLOW);
    model.send({ ...content, view });
  };
  const [sums, workers, controls] = [makeSums(), makeWorkers(), makeControls(send)];
  const root = make("section", { class: "ub-pool" }, make("header", {}, name, state, link), why, sums.element, workers.element, controls.element, said);
  const update = () => {
    const facts = model.get("facts");
    const over = OVER.has(facts.state);
    root.dataset.state = facts.state;
    root.setAttribute("aria-label", `Pool ${facts.name}`);
    name.textContent = `Pool ${facts.name}`;
    state.textContent = facts.state;
    link.href = facts.dashboard;
    link.hidden = over;
    why.textContent = over ? facts.reason || "" : facts.waiting || (facts.state === "unknown" ? facts.reason : "");
    sums.element.hidden = over;
    for (const part of [sums, workers, controls]) part.update(facts);
  };
  const hear = (content) => {
    if (content.view !== view) return;
    if (content.kind === "pong") {
      clearTimeout(silence);
      root.append(said);
      el.append(root);
      say("");
      hide.textContent = `.ub-${model.get("key")} { display: none; }`;
      return;
    }
    clearTimeout(slow);
    say(content.kind === "refused" ? content.text : "", true);
    controls.settle(content.kind === "done");
  };
  const silence = setTimeout(() => {
    root.remove();
    el.append(said);
    say("No kernel runs: below is how the pool was. Run its cell to see it now.");
  }, SILENCE);
  el.append(hide, root);
  update();
  model.on("change:facts", update);
  model.on("msg:custom", hear);
  model.send({ kind: "ping", view });
  const blind = watchSeen(el, (seen) => model.send({ kind: "watch", view, seen }));
  return () => {
    clearTimeout(silence);
    clearTimeout(slow);
    blind();
    model.off("change:facts", update);
    model.off("msg:custom", hear);
  };
}

export default { render };
