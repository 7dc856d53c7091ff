// Saves a form while one writes. Contract with the server: docs/ui.md, section Scripts.

const PAUSE = 1200;
const LONGEST_WAIT = 60_000;
const STORE = "osparat:";

class Draft {
  constructor(form) {
    this.form = form;
    this.key = STORE + (form.dataset.autosaveKey || form.dataset.autosave);
    this.status = form.querySelector("[data-autosave-status]");
    this.panel = form.querySelector("[data-autosave-panel]");
    this.changes = 0;
    this.savedChanges = 0;
    this.wait = 2000;
    this.stopped = false;
    this.recover();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", () => { this.leaving = true; });
    window.addEventListener("online", () => this.save());
    window.addEventListener("offline", () => this.offline());
    window.addEventListener("pagehide", () => { if (this.unsaved) this.keep(); });
    window.addEventListener("pageshow", () => { this.leaving = false; });
    window.addEventListener("beforeunload", (event) => {
      if (this.unsaved && !this.leaving) event.preventDefault();
    });
    if (this.writtenBefore()) this.changed();
  }

  // Somebody may have begun to write before this script was read.
  writtenBefore() {
    return [...this.form.elements].some((field) =>
      field.matches("textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=file])")
        && field.value !== field.defaultValue,
    );
  }

  get unsaved() {
    return this.changes > this.savedChanges;
  }

  changed() {
    this.changes += 1;
    this.say("Ändrat, inte sparat än", "waiting");
    this.plan(PAUSE);
  }

  plan(pause) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), pause);
  }

  async save() {
    if (this.stopped || !this.unsaved) return;
    if (this.sending) return this.plan(PAUSE);
    const at = this.changes;
    this.sending = true;
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: new FormData(this.form),
        headers: { "X-Autosave": "1", Accept: "application/json, text/html" },
        redirect: "manual",
        credentials: "same-origin",
      });
      await this.read(answer, at);
    } catch {
      this.offline();
    } finally {
      this.sending = false;
    }
    if (this.unsaved && !this.stopped && this.changes > at) this.plan(PAUSE);
  }

  async read(answer, at) {
    if (answer.ok && answer.headers.get("content-type")?.includes("json")) return this.saved(await answer.json(), at);
    if (answer.status === 409) return this.conflict(await answer.text());
    if (answer.status === 422) {
      const { message } = await answer.json();
      this.keep();
      this.savedChanges = Math.max(this.savedChanges, at - 1);
      return this.say(message, "waiting");
    }
    if ([401, 403].includes(answer.status) || answer.type === "opaqueredirect") return this.signedOut();
    this.keep();
    this.say("Det gick inte att spara just nu. Texten finns kvar här, vi försöker igen.", "waiting");
    return this.again();
  }

  saved({ saved, version, message }, at) {
    this.savedChanges = at;
    this.wait = 2000;
    const place = this.form.elements.namedItem("version");
    if (place && version !== undefined) place.value = version;
    if (!this.unsaved) this.forget();
    this.panel?.replaceChildren();
    this.say(message || `Sparat ${saved}`);
  }

  conflict(html) {
    this.stopped = true;
    this.keep();
    this.show(html);
    this.say("Inte sparat: någon annan har ändrat samtidigt. Välj nedan.", "waiting");
  }

  signedOut() {
    this.stopped = true;
    this.keep();
    const box = this.box("Du har loggats ut", "Det du skrev finns kvar i den här webbläsaren och läggs tillbaka när du har loggat in.");
    const link = document.createElement("a");
    link.href = location.pathname + location.search;
    link.textContent = "Logga in och fortsätt";
    link.className = "ds-link";
    link.addEventListener("click", () => { this.leaving = true; });
    box.append(link);
    this.say("Inte sparat", "waiting");
  }

  offline() {
    if (!this.unsaved) return;
    this.keep();
    this.say("Ingen kontakt. Texten finns kvar här och sparas när kontakten är tillbaka.", "waiting");
    this.again();
  }

  again() {
    this.plan(this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  values() {
    const kept = {};
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") (kept[name] ??= []).push(value);
    }
    return kept;
  }

  keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify(this.values()));
    } catch {
      // The browser's store is full or shut: the text still stands on the page.
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // As above.
    }
  }

  recover() {
    let kept;
    try {
      kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
    } catch {
      kept = null;
    }
    if (!kept) return;
    const { version, ...texts } = kept;
    const fields = Object.entries(texts).filter(([name, values]) => this.differs(name, values));
    if (!fields.length) return this.forget();
    const box = this.box("Det finns text som inte hann sparas", "Den skrevs i den här webbläsaren. Vill du lägga tillbaka den?");
    box.append(
      this.button("Lägg tillbaka", "", () => { fields.forEach(([name, values]) => this.put(name, values)); this.changed(); box.remove(); }),
      this.button("Släng den", "tertiary", () => { this.forget(); box.remove(); }),
    );
  }

  controls(name) {
    const found = this.form.elements.namedItem(name);
    if (!found) return [];
    return found instanceof RadioNodeList ? [...found] : [found];
  }

  differs(name, values) {
    const now = new FormData(this.form).getAll(name);
    return this.controls(name).length > 0 && JSON.stringify(now) !== JSON.stringify(values);
  }

  put(name, values) {
    const rest = [...values];
    for (const control of this.controls(name)) {
      if (["checkbox", "radio"].includes(control.type)) control.checked = values.includes(control.value);
      else if (control.multiple) for (const option of control.options) option.selected = values.includes(option.value);
      else if (rest.length) control.value = rest.shift();
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  say(text, state = "") {
    if (!this.status || this.status.textContent === text) return;
    this.status.textContent = text;
    this.status.dataset.state = state;
  }

  show(html) {
    if (!this.panel) return;
    const parsed = new DOMParser().parseFromString(html, "text/html");
    this.panel.replaceChildren(...parsed.body.childNodes);
    this.panel.focus();
  }

  box(heading, text) {
    const box = document.createElement("div");
    box.className = "ds-alert";
    box.dataset.color = "warning";
    box.dataset.size = "sm";
    const title = document.createElement("h3");
    title.textContent = heading;
    const words = document.createElement("p");
    words.textContent = text;
    box.append(title, words);
    this.panel?.replaceChildren(box);
    return box;
  }

  button(text, variant, press) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ds-button";
    button.dataset.size = "sm";
    if (variant) button.dataset.variant = variant;
    button.textContent = text;
    button.addEventListener("click", press);
    return button;
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Draft(form);
