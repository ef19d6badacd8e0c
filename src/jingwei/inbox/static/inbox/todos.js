// The list under the keyboard: arrows (or J and K) move from one to-do to the next, Enter opens it as any link.
// A changed filter is sent at once; without scripts the button does it.

const rows = () => [...document.querySelectorAll("[data-row]")];

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea")) return;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  move(step);
});

document.querySelector("form[data-sends-itself]")?.addEventListener("change", (event) => {
  event.currentTarget.requestSubmit();
});
