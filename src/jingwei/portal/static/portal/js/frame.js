// What the frame of every page needs: panels that close again, the dialog that finds everything, printing.

import "./find.js";

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.jw-drop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  if (event.target.closest("[data-print]")) print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const open = document.querySelector("details.jw-drop[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
