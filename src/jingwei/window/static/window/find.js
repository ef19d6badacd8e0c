// Finding somebody without leaving the keyboard: choosing replaces the work area.

import { answering } from "../portal/js/answers.js";

const box = document.getElementById("q");
const answers = document.getElementById("answers");
const said = document.getElementById("answers-said");

const narrow = matchMedia("(max-width: 1100px)");

const { mark, show, ask } = answering(box, answers, box.dataset.search, {
  shown(all) {
    const hint = answers.querySelector(".w-hint, .w-none b");
    said.textContent = hint ? hint.textContent : `${all.length}`;
    return all[0];
  },
  chosen: choose,
});

box.addEventListener("keydown", (event) => {
  if (event.isComposing || event.key !== "Escape") return;
  event.preventDefault();
  box.value = "";
  ask();
});

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
