/** Sends a table to the programs of this computer: the Web Profile of SAMP 1.3 (section 5), XML-RPC over HTTP. */

const HUB = "http://127.0.0.1:21012/";

const escape = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

/**
 * Write a SAMP value (text, list or map) as XML-RPC.
 * @param {*} value
 * @returns {string}
 */
export function toXml(value) {
  if (typeof value === "string") return `<value><string>${escape(value)}</string></value>`;
  if (Array.isArray(value)) return `<value><array><data>${value.map(toXml).join("")}</data></array></value>`;
  const members = Object.entries(value).map(([name, each]) => `<member><name>${escape(name)}</name>${toXml(each)}</member>`);
  return `<value><struct>${members.join("")}</struct></value>`;
}

/**
 * Read a SAMP value from XML-RPC.
 * @param {Element} element a `value` element
 */
export function fromXml(element) {
  const inner = element.firstElementChild;
  if (!inner) return element.textContent;
  if (inner.localName === "array") return [...inner.querySelectorAll(":scope > data > value")].map(fromXml);
  if (inner.localName !== "struct") return inner.textContent;
  const members = [...inner.children].map((member) => [member.children[0].textContent, fromXml(member.children[1])]);
  return Object.fromEntries(members);
}

async function call(method, ...parameters) {
  const params = parameters.map((each) => `<param>${toXml(each)}</param>`).join("");
  const body = `<?xml version="1.0"?><methodCall><methodName>samp.webhub.${method}</methodName><params>${params}</params></methodCall>`;
  const answer = await fetch(HUB, { method: "POST", headers: { "Content-Type": "text/plain" }, body });
  const document_ = new DOMParser().parseFromString(await answer.text(), "text/xml");
  const fault = document_.querySelector("fault > value");
  if (fault) throw new Error(fromXml(fault).faultString);
  return fromXml(document_.querySelector("param > value"));
}

async function send(url, name) {
  const session = await call("register", { "samp.name": "Uraniborg" });
  const key = session["samp.private-key"];
  try {
    await call("declareMetadata", key, { "samp.name": "Uraniborg", "samp.description.text": "Science platform" });
    const message = { "samp.mtype": "table.load.votable", "samp.params": { url, name, "table-id": url } };
    return (await call("notifyAll", key, message)).length;
  } finally {
    await call("unregister", key);
  }
}

const button = document.getElementById("send");
const status = document.getElementById("samp-status");
button.addEventListener("click", async () => {
  button.disabled = true;
  status.textContent = "Asking the SAMP hub…";
  try {
    const programs = await send(button.dataset.table, button.dataset.name);
    status.textContent = programs ? `Sent to ${programs} ${programs === 1 ? "program" : "programs"}.` : "No program that takes tables is connected to the SAMP hub.";
  } catch (error) {
    const silent = error instanceof TypeError;
    status.textContent = silent ? "No SAMP hub answers on this computer: start TOPCAT, then try again." : `The SAMP hub refused: ${error.message}`;
  }
  button.disabled = false;
});
// Rendered disabled: a click before this line would be lost.
button.disabled = false;
