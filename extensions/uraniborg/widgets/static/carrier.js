/** Runs the portal's browser code in a notebook: modules and BokehJS come from the kernel, requests go through it. */

const PAGE = (globalThis.__uraniborg ??= { bokeh: new Map(), modules: new Map() });
const SILENCE = 3000; // ms without an answer of the kernel, after which a saved picture is left in view
const SETTLED = 1500; // ms after the last change, when a picture is taken
const WIDEST = 1000; // px of the still picture
const GAP = 12; // px between its rows

/** BokehJS of one version, loaded once per page; an empty script stands for one that is here already. */
function loadBokeh(version, bytes) {
  if (!PAGE.bokeh.has(version)) {
    PAGE.bokeh.set(version, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
      script.onload = () => resolve(globalThis.Bokeh?.[version] ?? globalThis.Bokeh);
      script.onerror = () => reject(new Error("This page does not let BokehJS in (its Content-Security-Policy)."));
      document.head.append(script);
    }));
  }
  return PAGE.bokeh.get(version);
}

/** The address of a module whose relative imports are replaced by the addresses of theirs; one per text and page. */
function addressOf(path, texts) {
  const text = texts.get(path);
  if (text === undefined) throw new Error(`The platform's widget misses the file ${path}.`);
  const linked = text.replace(/((?:from|import)\s*\(?\s*)(["'])(\.{1,2}\/[^"']+)\2/g, (all, before, quote, target) => {
    const file = new URL(target, `http://modules/${path}`).pathname.slice(1);
    return `${before}${quote}${addressOf(file, texts)}${quote}`;
  });
  if (!PAGE.modules.has(linked)) {
    PAGE.modules.set(linked, URL.createObjectURL(new Blob([linked], { type: "text/javascript" })));
  }
  return PAGE.modules.get(linked);
}

/** The transport that the portal's code asks: each request is a message to the kernel, answered by one. */
function makeTransport(model) {
  const waiting = new Map();
  let last = Math.floor(Math.random() * 2 ** 44);
  const hear = (content, buffers) => waiting.get(content.id)?.(content, buffers);
  const ask = (kind, content, buffers, answer) => {
    const id = (last += 1);
    waiting.set(id, answer);
    model.send({ kind, id, ...content }, undefined, buffers);
    return id;
  };
  model.on("msg:custom", hear);
  return {
    request: (method, path, { json, binary } = {}) => new Promise((resolve) => {
      const id = ask("request", { method, path, json: json ?? null }, binary === undefined ? [] : [binary], (content, buffers) => {
        waiting.delete(id);
        resolve(reply(content.status, buffers[0]));
      });
    }),
    events: (path, onEvent) => {
      const id = ask("events", { path }, [], (content) => {
        if (content.kind === "event") onEvent({ type: content.event, event: content.event, data: content.data });
        else waiting.delete(id);
      });
      return () => {
        waiting.delete(id);
        model.send({ kind: "close", id });
      };
    },
    end: () => model.off("msg:custom", hear),
  };
}

function reply(status, buffer) {
  const bytes = new Uint8Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength));
  return { status, json: async () => JSON.parse(new TextDecoder().decode(bytes)), bytes: async () => bytes };
}

/** Every canvas below an element, through shadow roots, in drawing order. */
function canvases(root) {
  const found = [];
  for (const element of root.querySelectorAll("*")) {
    if (element.localName === "canvas" && element.width && element.getClientRects().length) found.push(element);
    if (element.shadowRoot) found.push(...canvases(element.shadowRoot));
  }
  return found;
}

/** Rows of canvases: those that overlap in height belong to one row; gaps between rows are closed. */
function rowsOf(parts) {
  const rows = [];
  for (const part of [...parts].sort((one, other) => one.box.top - other.box.top)) {
    const last = rows.at(-1);
    if (last && part.box.top < last.bottom) last.bottom = Math.max(last.bottom, part.box.bottom);
    else rows.push({ top: part.box.top, bottom: part.box.bottom, parts: [] });
    rows.at(-1).parts.push(part);
  }
  return rows;
}

/** The color behind an element. */
function paperOf(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (color && !/^rgba\(.*, 0\)$/.test(color) && color !== "transparent") return color;
  }
  return "white";
}

/** A PNG of what is drawn; null where nothing is. */
async function pictureOf(root) {
  const parts = canvases(root).map((canvas) => ({ canvas, box: canvas.getBoundingClientRect() }));
  if (!parts.length) return null;
  const left = Math.min(...parts.map(({ box }) => box.left));
  const right = Math.max(...parts.map(({ box }) => box.right));
  const rows = rowsOf(parts);
  const height = rows.reduce((sum, { top, bottom }) => sum + bottom - top + GAP, -GAP);
  const scale = Math.min(1, WIDEST / (right - left));
  const sheet = document.createElement("canvas");
  sheet.width = Math.ceil((right - left) * scale);
  sheet.height = Math.ceil(height * scale);
  const pen = sheet.getContext("2d");
  pen.fillStyle = paperOf(root);
  pen.fillRect(0, 0, sheet.width, sheet.height);
  let start = 0;
  for (const row of rows) {
    for (const { canvas, box } of row.parts) {
      pen.drawImage(canvas, (box.left - left) * scale, (start + box.top - row.top) * scale, box.width * scale, box.height * scale);
    }
    start += row.bottom - row.top + GAP;
  }
  const blob = await new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
  return blob && blob.arrayBuffer();
}

/** A figure that the portal made, drawn at the width that the notebook gives. */
async function drawView(place, { transport, bokeh, path }) {
  const answer = await transport.request("GET", path);
  const item = await answer.json();
  if (answer.status >= 400) throw new Error(`${item.message} ${item.remedy || ""}`);
  place.classList.add("ub-carrier-view");
  const target = document.createElement("div");
  place.append(target);
  delete item.target_id;
  const views = await bokeh.embed.embed_item(item, target);
  return { destroy: () => views?.clear?.() };
}

function render({ model, el }) {
  const hide = document.createElement("style");
  const place = document.createElement("div");
  const line = document.createElement("p");
  line.className = "ub-carrier-line";
  line.setAttribute("role", "status");
  place.className = "ub-carrier";
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", model.get("label"));
  el.append(hide, place, line);
  const say = (text, bad = false) => {
    line.textContent = text;
    line.dataset.bad = String(bad);
  };
  const transport = makeTransport(model);
  let mounted = null;
  let timer = 0;
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const png = await pictureOf(place);
      if (png) model.send({ kind: "picture" }, undefined, [png]);
    }, SETTLED);
  };
  const start = async (content, buffers) => {
    if (mounted) return;
    mounted = {};
    const bokeh = await loadBokeh(content.bokeh, buffers[0]);
    const options = content.options;
    say("");
    if (!content.entry) {
      mounted = await drawView(place, { transport, bokeh, path: options.view });
      return settle();
    }
    const texts = new Map(content.paths.map((path, index) => [path, new TextDecoder().decode(buffers[index + 1])]));
    const program = await import(/* webpackIgnore: true */ addressOf(content.entry, texts));
    mounted = await program.mount(place, {
      transport,
      bokeh,
      notebook: true,
      base: content.base,
      state: { ...options, ...model.get("state") },
      onChange: (state) => {
        model.set("state", state);
        model.save_changes();
        settle();
      },
      onResult: (value) => {
        model.send({ kind: "result", value: { id: value.id } });
        settle();
      },
    });
  };
  const hear = (content, buffers) => {
    if (content.kind === "pong") {
      clearTimeout(silence);
      hide.textContent = `.ub-${model.get("key")} { display: none; }`;
      if (!mounted) say("Loading …");
    } else if (content.kind === "program") start(content, buffers).catch((error) => say(error.message, true));
    else if (content.kind === "taken") say(content.text);
    else if (content.kind === "failed") say(`${content.message} ${content.remedy}`, true);
  };
  const silence = setTimeout(() => say("No kernel runs: below is the last picture of this widget. Run its cell to use it."), SILENCE);
  model.on("msg:custom", hear);
  model.send({ kind: "ping", bokeh: [...PAGE.bokeh.keys()].at(-1) ?? null });
  return () => {
    clearTimeout(silence);
    clearTimeout(timer);
    model.off("msg:custom", hear);
    transport.end();
    mounted?.destroy?.();
  };
}

export default { render };
