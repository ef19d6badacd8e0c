// A box that is answered while somebody types: the window's search and Ctrl-K are both one.
//
// Typing asks the server after a short rest, in the body of a POST, and forgets answers that were overtaken; while
// an input method composes nothing is asked, because half a pinyin is not a name. Focus stays in the box: the
// active answer is told to assistive technology by aria-activedescendant. Arrows move, Enter chooses.

import { post } from "./site.js";

const REST = 120; // milliseconds between two keys of a quick typist

// `shown(all)` says what came and names the answer to be marked, `chosen(option)` goes there.
export function answering(box, answers, address, { shown, chosen }) {
  let timer = 0;
  let pending = null;
  let composing = false;
  let shownFor = null;

  const options = () => [...answers.querySelectorAll('[role="option"]')];
  const active = () => answers.querySelector('[role="option"][aria-selected="true"]');

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
    const all = options();
    box.setAttribute("aria-expanded", String(all.length > 0));
    mark(shown(all) ?? null);
  }

  async function ask() {
    clearTimeout(timer);
    const text = box.value.trim();
    pending?.abort();
    pending = new AbortController();
    const mine = pending;
    try {
      const answer = await post(address, { q: text }, { signal: mine.signal });
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
      // A quick hand presses Enter before the answer: what is chosen must answer to what stands in the box.
      if (box.value.trim() !== shownFor) await ask();
      const option = active();
      if (option) await chosen(option);
    }
  });

  answers.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) chosen(option);
  });

  return { mark, show, ask };
}
