// The editor of texts: fields are put in where the cursor is, and a text is taken back to what it was.
"use strict";

for (const tools of document.querySelectorAll(".needs-script")) tools.hidden = false;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-inserts], [data-puts]");
  const area = button && document.getElementById(button.dataset.into);
  if (!area) return;
  area.focus();
  if (button.dataset.puts === undefined) {
    area.setRangeText(button.dataset.inserts, area.selectionStart, area.selectionEnd, "end");
  } else {
    area.value = button.dataset.puts;
  }
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.dispatchEvent(new Event("change", { bubbles: true }));
});
