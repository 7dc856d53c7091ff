// The room by keyboard: Ctrl + Enter sends the form at hand, Alt + arrows walk the agenda, and the
// page begins at the item, so that the next Tab leads into it.

const links = () => [...document.querySelectorAll("#rum-arenden ol a")];

const walk = (step) => {
  const all = links();
  const here = all.findIndex((link) => link.hasAttribute("aria-current"));
  all[here + step]?.click();
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    const form = event.target.closest?.("form") ?? document.querySelector("form[data-main]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    walk(event.key === "ArrowDown" ? 1 : -1);
  }
});

// When the lists are read anew because somebody else noted something, what was unfolded stays so,
// and the keyboard stays where it was.
let unfolded = [];
let focused = "";

document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("details[id][open]")].map((one) => one.id);
  focused = document.activeElement?.id ?? "";
});

document.addEventListener("htmx:afterSettle", () => {
  for (const id of unfolded) {
    const one = document.getElementById(id);
    if (one) one.open = true;
  }
  // What has just been unfolded can be focused when it has been drawn.
  if (focused) requestAnimationFrame(() => requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.getElementById(focused)?.focus();
  }));
});

if (!document.getElementById("felsammanfattning") && location.search.includes("arende=")) {
  document.querySelector("[data-item]")?.focus();
}
