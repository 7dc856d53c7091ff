// How many signs are left of a long text; said aloud only when one stops writing near the end.

const number = new Intl.NumberFormat("sv-SE");

function follow(line) {
  const field = document.getElementById(line.dataset.counterFor);
  if (!field || line.dataset.followed) return;
  line.dataset.followed = "1";
  const limit = Number(line.dataset.limit);
  const voice = document.createElement("span");
  voice.className = "ds-sr-only";
  voice.setAttribute("role", "status");
  line.after(voice);
  let pause;
  const count = () => {
    const left = limit - [...field.value.normalize("NFC")].length;
    line.toggleAttribute("data-over", left < 0);
    line.textContent =
      left < 0 ? `${number.format(-left)} tecken för mycket` : `${number.format(left)} tecken kvar av ${number.format(limit)}`;
    clearTimeout(pause);
    if (left < limit / 10) pause = setTimeout(() => { voice.textContent = line.textContent; }, 1200);
  };
  field.addEventListener("input", count);
  count();
}

const start = (root) => root.querySelectorAll?.("[data-counter-for]").forEach(follow);
start(document);
document.addEventListener("htmx:load", (event) => start(event.target));
