// A long list narrowed by typing: lines whose data-words do not hold what was typed are hidden.

for (const box of document.querySelectorAll("[data-narrow]")) {
  box.addEventListener("input", () => {
    const asked = box.value.trim().toLowerCase();
    for (const line of document.getElementById(box.dataset.narrow).children) {
      line.hidden = !line.dataset.words.toLowerCase().includes(asked);
    }
  });
}
