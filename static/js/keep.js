// What is typed in a form with data-keep (whose value names the person) stays in this tab until it
// has been taken in: through another act on the page, a part of it that is read anew, a session
// that ended, or somebody else who was before. Contract with the server: docs/ui.md, Scripts.

const STORE = "skrivet:";
const known = new Map();
const isNotDone = document.querySelector("[data-not-done]") !== null;

const addressOf = (form) => new URL(form.getAttribute("action") || location.pathname, location.href).pathname;
const keyOf = (form) => {
  const part = ["place", "row"].map((name) => form.elements.namedItem(name)?.value ?? "").join(":");
  return `${STORE}${form.dataset.keep}:${addressOf(form)}:${part}`;
};

const controls = (form) => [...form.elements].filter((field) =>
  field.name && field.matches("textarea, select, input:not([type=hidden], [type=password], [type=file])"));
const isTicked = (field) => ["checkbox", "radio"].includes(field.type);

const read = (form) => {
  const found = {};
  for (const field of controls(form)) {
    found[field.name] ??= [];
    if (!isTicked(field) || field.checked) found[field.name].push(field.value);
  }
  return found;
};

const put = (form, name, values) => {
  const rest = [...values];
  for (const field of controls(form).filter((one) => one.name === name)) {
    if (isTicked(field)) field.checked = values.includes(field.value);
    else if (rest.length) field.value = rest.shift();
  }
};

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const forget = (key) => sessionStorage.removeItem(key);
const kept = (key) => {
  try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
};
const keep = (key, what) => {
  // A store that is full or shut: the text still stands on the page.
  try { sessionStorage.setItem(key, JSON.stringify(what)); } catch { /* as above */ }
};

const element = (name, text, attributes = {}) => {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

// `others`: texts of fields that somebody else has changed since; shown, never laid over theirs.
const tell = (form, others) => {
  form.querySelector("[data-kept]")?.remove();
  const box = element("div", "", { class: "ds-alert", "data-color": "info", "data-size": "sm", "data-kept": "", role: "status" });
  box.append(element("p", others.length
    ? "Det du hade skrivit är inte sparat. Texten i formuläret har ändrats sedan dess, så här står ditt för sig:"
    : "Det du hade skrivit är tillbaka. Det är inte sparat än."));
  for (const text of others) box.append(element("textarea", text, { class: "ds-input", readonly: "", rows: "3", "aria-label": "Det du hade skrivit" }));
  const away = element("button", "Släng det", { type: "button", class: "ds-button", "data-size": "sm", "data-variant": "tertiary" });
  away.addEventListener("click", () => {
    forget(keyOf(form));
    form.reset();
    box.remove();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
  box.append(away);
  form.prepend(box);
};

const restore = (form, isInPlace) => {
  const key = keyOf(form);
  const now = read(form);
  known.set(form, now);
  const found = kept(key);
  if (!found) return;
  const typed = Object.keys(found.values).filter((name) => name in now && !same(found.values[name], found.from[name]));
  const back = typed.filter((name) => same(now[name], found.from[name]));
  const others = typed.filter((name) => !back.includes(name) && !same(now[name], found.values[name]))
    .flatMap((name) => found.values[name].filter((text) => text.includes(" ")));
  // A page of refusal shows what was sent itself: it is kept for one who leaves that page.
  if (!back.length && !others.length) return isNotDone ? undefined : forget(key);
  for (const name of back) put(form, name, found.values[name]);
  const places = controls(form).filter((field) => back.includes(field.name));
  for (const place of [form, ...places]) {
    const fold = place.closest("details");
    if (fold) fold.open = true;
  }
  if (others.length || !isInPlace) tell(form, others);
  form.dispatchEvent(new Event("input", { bubbles: true }));
};

// `isInPlace`: a part of the page was read anew under one's hands, which needs no words.
const restoreAll = (isInPlace) => {
  for (const form of document.querySelectorAll("form[data-keep]")) if (!known.has(form)) restore(form, isInPlace);
};

const sentOnes = () => Object.keys(sessionStorage).filter((key) => key.startsWith(STORE) && kept(key)?.sent);

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (!form) return;
  const key = keyOf(form);
  const from = kept(key)?.from ?? known.get(form) ?? read(form);
  const values = read(form);
  if (same(values, from)) forget(key);
  else keep(key, { values, from });
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-keep]")) return;
  const found = kept(keyOf(form));
  if (found) keep(keyOf(form), { ...found, sent: true });
});

// The answer to what was sent: a page that says it was not done (data-not-done), or it was.
for (const key of sentOnes()) {
  if (isNotDone) keep(key, { ...kept(key), sent: false });
  else forget(key);
}
restoreAll(false);
document.addEventListener("htmx:afterSettle", () => restoreAll(true));
// Back from the browser's memory of pages: it was not sent from here.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const key of sentOnes()) keep(key, { ...kept(key), sent: false });
});
