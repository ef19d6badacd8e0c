// Ctrl-K: one box for everything somebody may see, from every page.
//
// The dialog is the browser's own: it keeps the focus and gives it back.

import { answering } from "./answers.js";

const palette = document.getElementById("palette");

if (palette) {
  const box = document.getElementById("palette-q");
  const found = document.getElementById("palette-found");
  const none = document.getElementById("palette-none");
  const said = document.getElementById("palette-said");

  answering(box, found, palette.dataset.find, {
    shown(all) {
      const words = found.querySelector("[data-said]")?.content.textContent ?? found.textContent.trim();
      none.hidden = all.length > 0;
      none.textContent = words;
      said.textContent = words;
      return all.find((one) => one.getAttribute("aria-selected") === "true");
    },
    chosen(option) {
      location.assign(option.dataset.address);
    },
  });

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

  // a click beside the dialog closes it
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
}
