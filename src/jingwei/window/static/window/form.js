// The form in the clerk's hands: what is still to do, full values on request, keys for everything.
//
// Counting here only tells the clerk early; the server judges every field again when the form is sent.

import { post } from "../portal/js/site.js";
import { openItem } from "./find.js";

const work = () => document.getElementById("work");
const box = document.getElementById("q");

// --- how much is still to do

function open(place) {
  if (place.hasAttribute("data-conflict")) return !place.querySelector("input:checked");
  const control = place.querySelector("[aria-required]");
  return control !== null && control.value.trim() === "";
}

function count() {
  const left = work().querySelector("[data-left]");
  if (!left) return;
  const todo = [...work().querySelectorAll("[data-place]")].filter(open);
  left.querySelector("b").textContent = todo.length
    ? left.dataset.some.replace("{n}", todo.length)
    : left.dataset.none;
  left.classList.toggle("is-done", todo.length === 0);
  left.querySelector("[data-which]").textContent = todo
    .map((place) => place.dataset.title)
    .join(left.dataset.comma);
  left.querySelector("[data-first]").hidden = todo.length === 0;
  const tag = work().querySelector("[data-count]");
  if (tag) tag.textContent = todo.length;
}

function first() {
  const place = [...work().querySelectorAll("[data-place]")].find(
    (one) => open(one) || one.querySelector("[aria-invalid]"),
  );
  place?.querySelector("input, select")?.focus();
}

// --- a value in full, recorded by the server before it comes

async function show(button) {
  const form = work();
  const name = button.dataset.show;
  button.disabled = true;
  const answer = await post(form.dataset.reveal, {
    item: form.dataset.item,
    register: form.dataset.register,
    entity: form.dataset.entity,
    field: name,
  });
  if (!answer.ok) {
    button.closest("[data-place]").insertAdjacentHTML("beforeend", await answer.text());
    return;
  }
  const input = form.elements[`field.${name}`];
  input.value = (await answer.json()).value;
  input.focus();
  button.remove();
}

// A masked number cannot be mended in the middle: the first key that would change it clears it.
function clearMask(event) {
  const input = event.target;
  if (!input.matches?.("input.has-reveal") || !input.value.includes("*")) return;
  if (!event.inputType.startsWith("insert") && !event.inputType.startsWith("delete")) return;
  input.value = "";
  if (event.inputType.startsWith("delete")) event.preventDefault();
}

// --- keys

function send(action) {
  const button = work().querySelector(`button[name="action"][value="${action}"]`);
  button?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    event.preventDefault();
    send("draft");
  } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    send("submit");
  } else if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
    const link = document.querySelector(`[data-key="${event.code.at(-1)}"]`);
    if (link) {
      event.preventDefault();
      openItem(link);
    }
  } else if (event.key === "/" && !event.target.closest("input, select, textarea")) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show]");
  if (button) show(button);
  else if (event.target.closest("[data-first]")) first();
});

document.addEventListener("input", (event) => {
  if (event.target.closest?.("#work")) count();
});
document.addEventListener("change", (event) => {
  if (event.target.closest?.("#work")) count();
});
document.addEventListener("beforeinput", clearMask);

// --- after the work area was replaced

document.addEventListener("htmx:afterSwap", (event) => {
  const area = work();
  for (const link of document.querySelectorAll("a[data-item][data-starts]")) {
    if (link.dataset.item === area.dataset.item) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  // A draft that was just numbered is found again under its own address.
  const number = area.querySelector('input[name="case"]')?.value;
  const address = new URL(location.href);
  if (number && address.searchParams.get("case") !== number) {
    address.search = new URLSearchParams({ case: number });
    history.replaceState({ work: true }, "", address);
  }
  count();
  if (area.matches("form")) area.querySelector("[aria-invalid], [data-conflict] input, .w-todo input, .w-todo select, .w-fields input")?.focus({ preventScroll: true });
  else box.focus();
});

// Faults beside fields come back as 422, and refusals as a page part: both are shown where they belong.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { status } = event.detail.xhr;
  if (status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else if (status >= 400) {
    work().querySelector(".w-form").insertAdjacentHTML("afterbegin", event.detail.xhr.responseText);
  }
});

document.addEventListener("htmx:sendError", () => {
  const line = work().querySelector("[data-offline]");
  if (line) line.hidden = false;
});

if (work().matches("form")) first();
count();
