// Rows that belong to a row: a button with data-unfold shows or hides those with the same data-folded.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unfold]");
  if (!button) return;
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  for (const row of document.querySelectorAll(`[data-folded="${CSS.escape(button.dataset.unfold)}"]`)) {
    row.hidden = !open;
  }
});
