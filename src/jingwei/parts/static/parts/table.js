// Tables where scripts run: empty conditions stay out of the address, and what changed is told to those who
// cannot see it.

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.closest(".jw-tbl")) return;
  const fields = event.detail.formData;
  for (const name of new Set(fields.keys())) {
    const kept = fields.getAll(name).filter((value) => value !== "");
    fields.delete(name);
    for (const value of kept) fields.append(name, value);
    // how to compare means nothing without what to compare with
    if (name.endsWith(".how") && !fields.get(name.slice(0, -4))) fields.delete(name);
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  const words = event.target.closest?.(".jw-tbl")?.querySelector("[data-said]");
  const said = document.getElementById("said");
  if (words && said) said.textContent = words.textContent;
});
