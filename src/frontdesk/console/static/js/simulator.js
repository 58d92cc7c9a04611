// Handsets: Enter sends, Shift+Enter begins a line. Without this the button sends.
"use strict";

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("textarea[data-sends]")) return;
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (event.target.value.trim()) event.target.form.requestSubmit();
});
