// What makes the pages livelier. Everything works without it: forms post, links lead on.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// htmx sends the session's token with every request.
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.body.dataset.csrf;
});

// Toasts: for what htmx requests could not do.
function toast(text, bad = false) {
  const box = document.createElement("div");
  box.className = bad ? "toast bad" : "toast";
  box.append(text);
  one("#toasts").append(box);
  setTimeout(() => box.classList.add("leaving"), 5000);
  setTimeout(() => box.remove(), 5400);
}
document.addEventListener("htmx:responseError", () => toast("That did not work. Reload the page and try again.", true));
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached.", true));

// Dialogs: data-opens names the one to open.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const copy = event.target.closest("[data-copies]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copies).then(() => toast("Copied."));
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of all("details.menu[open]")) menu.open = false;
});

// Forms that ask first.
let asked = null;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.ask || asked === form) return;
  event.preventDefault();
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  const text = document.createElement("p");
  text.textContent = form.dataset.ask;
  const actions = document.createElement("form");
  actions.method = "dialog";
  actions.className = "actions";
  const no = Object.assign(document.createElement("button"), { className: "btn", value: "no", textContent: "Keep it as it is" });
  const yes = Object.assign(document.createElement("button"), { className: "btn danger", value: "yes", textContent: form.dataset.askYes || "Yes" });
  actions.append(no, yes);
  dialog.append(text, actions);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "yes") {
      asked = form;
      form.requestSubmit();
      asked = null;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
});

// Filters that apply as they are changed.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-applies]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
});

// Live parts: elements with data-on="type type" get the event "live" (for hx-trigger) when one of these happens.
const stream = document.body.dataset.live;
if (stream && all("[data-on]").length) {
  const source = new EventSource(stream);
  const due = new Map();
  source.addEventListener("fact", (event) => {
    const { type } = JSON.parse(event.data);
    for (const element of all("[data-on]")) {
      if (!element.dataset.on.split(" ").some((wanted) => type.startsWith(wanted)) || due.has(element)) continue;
      due.set(element, setTimeout(() => {
        due.delete(element);
        window.htmx?.trigger(element, "live");
      }, 250));
    }
  });
  window.addEventListener("pagehide", () => source.close());
}

// Keys: j and k walk the list, / searches.
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const search = one("input[type=search]");
    if (search) { event.preventDefault(); search.focus(); }
  }
  if (event.key === "j" || event.key === "k") {
    const links = all("[data-walk] a.row-link, [data-walk] a.line");
    if (!links.length) return;
    const at = links.findIndex((link) => link === document.activeElement || link.hasAttribute("aria-current"));
    const next = links[Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
});

// A thread shows its end.
function toEnd() { for (const box of all("[data-to-end]")) box.scrollTop = box.scrollHeight; }
document.addEventListener("DOMContentLoaded", toEnd);
document.addEventListener("htmx:afterSettle", toEnd);
toEnd();
