// Finding somebody without leaving the keyboard.
//
// Typing asks the server after a short rest and forgets answers that were overtaken; while an input method
// composes nothing is asked, because half a pinyin is not a name. Focus stays in the box: the active
// candidate is told to assistive technology by aria-activedescendant. Choosing replaces the work area.

import { post } from "../portal/js/site.js";

const REST = 120; // milliseconds between two keys of a quick typist

const box = document.getElementById("q");
const answers = document.getElementById("answers");
const said = document.getElementById("answers-said");

const narrow = matchMedia("(max-width: 1100px)");

let timer = 0;
let pending = null;
let composing = false;
let shownFor = null;

function options() {
  return [...answers.querySelectorAll('[role="option"]')];
}

function active() {
  return answers.querySelector('[role="option"][aria-selected="true"]');
}

function mark(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    box.removeAttribute("aria-activedescendant");
  }
}

function show(html, text) {
  answers.innerHTML = html;
  shownFor = text;
  const found = options();
  box.setAttribute("aria-expanded", String(found.length > 0));
  mark(found[0] ?? null);
  const hint = answers.querySelector(".w-hint, .w-none b");
  said.textContent = hint ? hint.textContent : `${found.length}`;
}

async function ask() {
  const text = box.value.trim();
  pending?.abort();
  pending = new AbortController();
  const mine = pending;
  try {
    const answer = await post(box.dataset.search, { q: text }, { signal: mine.signal });
    const html = await answer.text();
    if (mine === pending) show(html, text);
  } catch (fault) {
    if (fault.name !== "AbortError") throw fault;
  }
}

function later() {
  clearTimeout(timer);
  if (composing) return;
  timer = setTimeout(ask, REST);
}

export function go(address) {
  if (location.pathname + location.search !== address) history.pushState({ work: true }, "", address);
  return htmx.ajax("GET", address, { target: "#work", swap: "outerHTML" });
}

async function choose(option) {
  const work = document.getElementById("work");
  const address = new URL(box.dataset.start, location.href);
  const item = itemFor(option.dataset.register, work?.dataset.item);
  if (item) address.searchParams.set("item", item);
  address.searchParams.set("register", option.dataset.register);
  address.searchParams.set("entity", option.dataset.entity);
  mark(option);
  // On the home page there is no work area to replace: the window itself is opened.
  if (!work) return void location.assign(address);
  await go(address.pathname + address.search);
  if (!narrow.matches) return;
  // On a narrow page the answers lie above the form: they have done their work.
  show("", null);
  document.querySelector(".w-form")?.scrollIntoView();
}

// The chosen item stays where it begins with this register; otherwise the first that does.
function itemFor(register, current) {
  const offered = [...document.querySelectorAll("[data-item][data-starts]")];
  const fits = (one) => one.dataset.starts.split(" ").includes(register);
  const kept = offered.find((one) => one.dataset.item === current && fits(one));
  return (kept ?? offered.find(fits))?.dataset.item;
}

box.addEventListener("compositionstart", () => {
  composing = true;
  clearTimeout(timer);
  pending?.abort();
});

box.addEventListener("compositionend", () => {
  composing = false;
  later();
});

box.addEventListener("input", later);

box.addEventListener("keydown", async (event) => {
  if (event.isComposing) return;
  const found = options();
  const at = found.indexOf(active());
  if (event.key === "ArrowDown" && found.length) {
    event.preventDefault();
    mark(found[(at + 1) % found.length]);
  } else if (event.key === "ArrowUp" && found.length) {
    event.preventDefault();
    mark(found[(at - 1 + found.length) % found.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    // A quick hand presses Enter before the answer: what is chosen must answer to what stands in the box.
    if (box.value.trim() !== shownFor) {
      clearTimeout(timer);
      await ask();
    }
    const option = active();
    if (option) await choose(option);
  } else if (event.key === "Escape") {
    event.preventDefault();
    clearTimeout(timer);
    box.value = "";
    ask();
  }
});

answers.addEventListener("click", (event) => {
  const option = event.target.closest('[role="option"]');
  if (option) choose(option);
});

// A link to an item replaces the work area alone, so that what was found stays in view.
document.querySelector(".w-items ul")?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-item]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  openItem(link);
});

export function openItem(link) {
  const work = document.getElementById("work");
  const address = new URL(box.dataset.start, location.href);
  address.searchParams.set("item", link.dataset.item);
  if (work.dataset.register && link.dataset.starts.split(" ").includes(work.dataset.register)) {
    address.searchParams.set("register", work.dataset.register);
    address.searchParams.set("entity", work.dataset.entity);
  }
  return go(address.pathname + address.search);
}

addEventListener("popstate", () => {
  htmx.ajax("GET", location.pathname + location.search, { target: "#work", swap: "outerHTML" });
});
