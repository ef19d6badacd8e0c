// Handing in: a file may be dropped; a file that is too large is told before it is sent; cells that were
// judged again lose or get their mark. Checking itself happens on the server alone.

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

function tooLarge(form, file) {
  const fault = form.querySelector("[data-fault]");
  const large = file !== undefined && file.size > Number(form.dataset.limit);
  fault.hidden = !large;
  fault.textContent = large ? form.dataset.large.replace("{n}", megabytes(file.size)) : "";
  return large;
}

for (const form of document.querySelectorAll("[data-upload]")) {
  const input = form.querySelector('input[type="file"]');
  const place = form.querySelector("[data-drop]");
  const name = form.querySelector("[data-name]");

  const chosen = () => {
    const file = input.files[0];
    name.textContent = file ? `${file.name} (${megabytes(file.size)} MB)` : name.dataset.empty;
    tooLarge(form, file);
  };
  input.addEventListener("change", chosen);
  for (const kind of ["dragenter", "dragover"]) {
    place.addEventListener(kind, (event) => {
      event.preventDefault();
      place.classList.add("is-over");
    });
  }
  place.addEventListener("dragleave", () => place.classList.remove("is-over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("is-over");
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    chosen();
  });
  form.addEventListener("submit", (event) => {
    if (tooLarge(form, input.files[0])) {
      event.preventDefault();
      return;
    }
    const button = form.querySelector('button[type="submit"]');
    button.querySelector("span").textContent = form.dataset.busy;
    button.disabled = true;
  });
}

// --- cells that were judged again

document.addEventListener("htmx:oobAfterSwap", (event) => {
  const said = event.detail.target.id ? document.getElementById(event.detail.target.id) : null;
  if (!said?.matches("[data-wrong]")) return;
  const wrong = new Set(said.dataset.wrong.split(" "));
  for (const input of said.closest("[data-row]").querySelectorAll("input[name^='c.']")) {
    if (wrong.has(input.name.slice(2))) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
});

// The same cell may stand in the row and among all its cells: both say what was typed last.
document.addEventListener("change", (event) => {
  const row = event.target.name?.startsWith("c.") && event.target.closest("[data-row]");
  if (!row) return;
  event.target.classList.add("is-corrected");
  for (const input of row.querySelectorAll(`input[name="${CSS.escape(event.target.name)}"]`)) {
    input.value = event.target.value;
  }
});

// Enter goes on to the next wrong cell; leaving a cell is what has it judged.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches?.(".u-table input")) return;
  event.preventDefault();
  const wrong = [...document.querySelectorAll('.u-table input[aria-invalid="true"]')];
  const next = wrong.find(
    (one) => event.target.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  if (next) {
    next.focus();
    next.select();
  } else {
    event.target.blur();
  }
});

document.addEventListener("submit", (event) => {
  const button = event.target.matches("[data-once]") && event.target.querySelector("button");
  if (button) button.disabled = true;
});
