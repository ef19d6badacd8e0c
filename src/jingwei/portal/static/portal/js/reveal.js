// “显示”: asks the server for one full value. The server puts the asking on record before it answers.
//
// A button names the address (data-reveal-url) and the field (data-reveal-field); the value replaces the
// masked text in [data-value] of the same name. Forms have their own variant in window/form.js.

import { post } from "./site.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-reveal-url]");
  if (!button) return;
  button.disabled = true;
  const answer = await post(button.dataset.revealUrl, { field: button.dataset.revealField });
  if (!answer.ok) {
    button.insertAdjacentHTML("afterend", await answer.text());
    return;
  }
  const { value } = await answer.json();
  const place = button.parentElement.querySelector(`[data-value="${CSS.escape(button.dataset.revealField)}"]`);
  place.textContent = value;
  place.tabIndex = -1;
  place.focus();
  button.remove();
});
