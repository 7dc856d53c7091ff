// Shared by every page: htmx carries the CSRF token, menus close, focus goes where it should.

const tokenOn = (element) =>
  element.closest("form")?.querySelector("[name=csrfmiddlewaretoken]")?.value ??
  document.querySelector("[name=csrfmiddlewaretoken]")?.value;

document.addEventListener("htmx:configRequest", (event) => {
  const token = tokenOn(event.target);
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const wanted = event.target.querySelector?.("[data-focus]");
  if (!wanted) return;
  if (!wanted.hasAttribute("tabindex")) wanted.setAttribute("tabindex", "-1");
  wanted.focus();
});

// A part of the page could not be read anew, since the session has ended: say so once, above it all.
const sayItEnded = () => {
  if (document.getElementById("utloggad")) return;
  const box = document.createElement("div");
  box.id = "utloggad";
  box.className = "ds-alert";
  box.dataset.color = "warning";
  box.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = "Du har loggats ut. Sidan uppdateras inte längre, och det du gör här tas inte emot. ";
  const link = document.createElement("a");
  link.href = location.pathname + location.search;
  link.textContent = "Logga in och fortsätt";
  link.className = "ds-link";
  words.append(link);
  box.append(words);
  document.getElementById("innehall")?.prepend(box);
};

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) sayItEnded();
});

// A refusal (403, 409, 422) of an htmx request has a page or fragment that says why: show it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([403, 409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

const menus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.getElementById("felsammanfattning")?.focus();
