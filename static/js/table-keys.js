// Moving and pasting in an editable table: <table data-keys> with inputs in its cells.

const FIELD = "input:not([type=hidden]):not([type=checkbox]):not([disabled]), select";

const grid = (table) =>
  [...table.tBodies]
    .flatMap((body) => [...body.rows])
    .map((row) => [...row.cells].map((cell) => cell.querySelector(FIELD)))
    .filter((row) => row.some(Boolean));

const placeOf = (rows, field) => {
  for (const [y, row] of rows.entries()) {
    const x = row.indexOf(field);
    if (x >= 0) return [y, x];
  }
  return null;
};

function go(field) {
  if (!field) return false;
  field.focus();
  field.select?.();
  return true;
}

function step(rows, y, x, dy, dx) {
  for (let [row, cell] = [y + dy, x + dx]; rows[row] && cell >= 0 && cell < rows[row].length; row += dy, cell += dx) {
    if (go(rows[row][cell])) return true;
  }
  return false;
}

const atStart = (field) => field.selectionStart === 0 && field.selectionEnd === 0;
const atEnd = (field) => field.selectionStart === field.value.length && field.selectionEnd === field.value.length;
const whole = (field) => field.selectionStart === 0 && field.selectionEnd === field.value.length;

document.addEventListener("keydown", (event) => {
  const field = event.target;
  const table = field.closest?.("table[data-keys]");
  if (!table || !field.matches(FIELD) || event.altKey || event.ctrlKey || event.metaKey) return;
  if (field.matches("select") && event.key !== "Enter") return;
  const rows = grid(table);
  const place = placeOf(rows, field);
  if (!place) return;
  const moves = {
    ArrowDown: [1, 0], ArrowUp: [-1, 0], Enter: [event.shiftKey ? -1 : 1, 0],
    ArrowLeft: atStart(field) || whole(field) ? [0, -1] : null,
    ArrowRight: atEnd(field) || whole(field) ? [0, 1] : null,
  };
  const move = moves[event.key];
  if (move && (step(rows, ...place, ...move) || event.key === "Enter")) event.preventDefault();
});

document.addEventListener("paste", (event) => {
  const field = event.target;
  const table = field.closest?.("table[data-keys]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!table || !/[\t\n]/.test(text.trimEnd())) return;
  const rows = grid(table);
  const place = placeOf(rows, field);
  if (!place) return;
  event.preventDefault();
  let filled = 0;
  let outside = 0;
  for (const [dy, line] of text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").entries()) {
    for (const [dx, value] of line.split("\t").entries()) {
      const target = rows[place[0] + dy]?.[place[1] + dx];
      if (!rows[place[0] + dy] && value.trim()) outside += 1;
      if (!target || target.readOnly) continue;
      target.value = value.trim();
      target.dispatchEvent(new Event("input", { bubbles: true }));
      target.dispatchEvent(new Event("change", { bubbles: true }));
      filled += 1;
    }
  }
  const missed = outside ? ` ${outside} fick inte plats: lägg till fler rader och klistra in igen.` : "";
  say(table, `${filled} ${filled === 1 ? "ruta fylldes" : "rutor fylldes"} från urklipp.${missed}`);
});

function say(table, text) {
  let voice = table.parentElement.parentElement.querySelector("[data-keys-status]");
  if (!voice) {
    voice = document.createElement("p");
    voice.className = "muted";
    voice.dataset.keysStatus = "";
    voice.setAttribute("role", "status");
    table.parentElement.after(voice);
  }
  voice.textContent = text;
}
