// Mending in the page: keys for everything, each row checked as soon as a cell of it was changed.
//
// The server judges a row by the very checks of a run and keeps what was typed as a draft; what it says here only
// comes earlier. Handing in sends the changed cells alone.

import { post } from "../portal/js/site.js";

const form = document.getElementById("mend");
const words = document.querySelector("[data-words]").dataset;

const changed = (input) => input.value !== input.dataset.came;
const cells = (row) => [...row.querySelectorAll("input[data-came]")];

function count() {
  const place = form.querySelector("[data-count]");
  if (!place) return;
  const rows = [...form.querySelectorAll("[data-row]")].filter((row) => cells(row).some(changed)).length;
  place.textContent = rows ? place.dataset.some.replace("{n}", rows) : place.dataset.none;
}

function mark(input) {
  input.classList.toggle("is-changed", changed(input));
}

// --- the check

const asked = new WeakMap();

async function check(row) {
  const turn = (asked.get(row) ?? 0) + 1;
  asked.set(row, turn);
  const state = row.querySelector("[data-state]");
  state.textContent = words.checking;
  const fields = { row: row.dataset.row };
  for (const input of cells(row)) if (changed(input)) fields[input.name] = input.value;
  let answer;
  try {
    answer = await post(form.dataset.check, fields);
  } catch {
    form.querySelector("[data-offline]").hidden = false;
    state.textContent = "";
    return;
  }
  form.querySelector("[data-offline]").hidden = true;
  // a later change has asked meanwhile: its answer counts
  if (asked.get(row) !== turn) return;
  if (!answer.ok) {
    row.classList.add("is-gone");
    state.textContent = answer.status === 400 ? words.gone : "";
    return;
  }
  tell(row, (await answer.json()).faults, state);
}

function tell(row, faults, state) {
  const touched = cells(row).some(changed);
  for (const input of cells(row)) {
    const field = input.closest("[data-field]");
    const why = field.querySelector("[data-why]");
    const fault = faults[field.dataset.field] ?? "";
    why.textContent = fault;
    why.hidden = !fault;
    if (fault) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", why.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    field.classList.toggle("is-mended", !fault && changed(input));
  }
  const whole = row.querySelector("[data-whole]");
  whole.textContent = faults[""] ?? "";
  whole.hidden = !faults[""];
  const left = Object.keys(faults).length;
  row.classList.toggle("is-right", touched && left === 0);
  state.textContent = left ? words.still.replace("{n}", left) : touched ? words.right : "";
}

// --- keys

function next(from) {
  const inputs = [...form.querySelectorAll("input[data-came]")];
  const after = inputs.slice(inputs.indexOf(from) + 1);
  // not yet answered ones included: a cell that was wrong when the page came is worth a stop
  return after.find((one) => one.matches("[aria-invalid]") || (one.matches("[data-wrong]") && !changed(one)));
}

form.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Enter" && event.target.matches("input[data-came]")) {
    event.preventDefault();
    const to = next(event.target) ?? form.querySelector('button[type="submit"].btn-primary');
    to?.focus();
    to?.select?.();
  } else if (event.key === "Enter" && event.target.matches('input[name^="why."]')) {
    event.preventDefault();
    event.target.closest(".o-right").querySelector("button").click();
  }
});

form.addEventListener("input", (event) => {
  if (!event.target.matches("input[data-came]")) return;
  mark(event.target);
  count();
});

form.addEventListener("change", (event) => {
  const row = event.target.closest("[data-row]");
  if (row && event.target.matches("input[data-came]")) check(row);
});

// Cells that say what they said before need not travel; they come back to life if the page is left and found again.
form.addEventListener("submit", () => {
  for (const input of form.querySelectorAll("input[data-came]")) input.disabled = !changed(input);
});
addEventListener("pageshow", () => {
  for (const input of form.querySelectorAll("input[data-came]")) {
    input.disabled = false;
    mark(input);
  }
  count();
});

for (const row of form.querySelectorAll("[data-row]")) if (cells(row).some(changed)) check(row);
const first = form.querySelector("input[data-wrong]");
if (first && !location.hash) first.focus({ preventScroll: true });
