// Keys for buttons: what names data-key is pressed by that key, wherever the focus is.
//
// Letters go by their place on the keyboard, so that an input method or another layout does not swallow them.
// Enter on a button or a link stays its own; Ctrl or Cmd with Z does what U does. One press, one answer.

let pressed = false;

function wanted(event) {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyZ" && !event.shiftKey) return "U";
  if (event.ctrlKey || event.metaKey || event.altKey) return "";
  if (event.key === "Enter") return "Enter";
  return event.code.startsWith("Key") ? event.code.slice(3) : "";
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || pressed) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const key = wanted(event);
  if (!key || (key === "Enter" && event.target.closest("a, button, summary"))) return;
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  pressed = true;
  button.click();
});

// A page taken back out of the history can be answered again.
addEventListener("pageshow", () => {
  pressed = false;
});
