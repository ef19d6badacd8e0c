// Ctrl-K: one box for everything somebody may see, from every page.
//
// The dialog is the browser's own: it keeps the focus and gives it back. Typing asks the server after a short
// rest, in the body of a POST; while an input method composes nothing is asked, and answers that were overtaken
// are dropped. Focus stays in the box; the active answer is told by aria-activedescendant.

import { post } from "./site.js";

const REST = 150; // milliseconds between two keys of a quick typist

const palette = document.getElementById("palette");

if (palette) {
  const box = document.getElementById("palette-q");
  const found = document.getElementById("palette-found");
  const none = document.getElementById("palette-none");
  const said = document.getElementById("palette-said");
  let timer = 0;
  let pending = null;
  let composing = false;
  let shownFor = "";

  const options = () => [...found.querySelectorAll('[role="option"]')];
  const active = () => found.querySelector('[role="option"][aria-selected="true"]');

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
    found.innerHTML = html;
    shownFor = text;
    const some = options().length > 0;
    const words = found.querySelector("[data-said]")?.content.textContent ?? found.textContent.trim();
    box.setAttribute("aria-expanded", String(some));
    none.hidden = some;
    none.textContent = words;
    said.textContent = words;
    mark(active());
  }

  async function ask() {
    const text = box.value.trim();
    pending?.abort();
    pending = new AbortController();
    const mine = pending;
    try {
      const answer = await post(palette.dataset.find, { q: text }, { signal: mine.signal });
      const html = await answer.text();
      if (mine === pending) show(html, text);
    } catch (fault) {
      if (fault.name !== "AbortError") throw fault;
    }
  }

  function later() {
    clearTimeout(timer);
    if (!composing) timer = setTimeout(ask, REST);
  }

  function open() {
    if (palette.open || document.querySelector("dialog[open]")) return;
    palette.showModal();
    box.select();
    box.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.shiftKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });

  document.getElementById("finder")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

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
    const all = options();
    const at = all.indexOf(active());
    if (event.key === "ArrowDown" && all.length) {
      event.preventDefault();
      mark(all[(at + 1) % all.length]);
    } else if (event.key === "ArrowUp" && all.length) {
      event.preventDefault();
      mark(all[(at - 1 + all.length) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      // a quick hand presses Enter before the answer: what is opened must answer to what stands in the box
      if (box.value.trim() !== shownFor) {
        clearTimeout(timer);
        await ask();
      }
      const option = active();
      if (option) location.assign(option.dataset.address);
    }
  });

  found.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) location.assign(option.dataset.address);
  });

  // a click beside the dialog closes it
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
}
