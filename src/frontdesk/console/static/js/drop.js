// Files dropped on the area of a form: they become the chosen file, and its name is shown. Choosing works without this.
"use strict";

for (const form of document.querySelectorAll("form[data-drop]")) {
  const area = form.querySelector(".drop");
  const input = form.querySelector("input[type=file]");
  const name = form.querySelector("[data-drop-name]");
  const show = () => { if (input.files.length) name.textContent = input.files[0].name; };
  for (const type of ["dragenter", "dragover"]) {
    area.addEventListener(type, (event) => { event.preventDefault(); area.classList.add("over"); });
  }
  for (const type of ["dragleave", "drop"]) area.addEventListener(type, () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    show();
  });
  input.addEventListener("change", show);
}
