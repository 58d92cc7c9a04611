// What makes pages livelier. Everything works without it: forms post, links lead on.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

const drawn = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  use.setAttribute("href", `/console/static/icons.svg#${name}`);
  return svg;
};

// Toasts ------------------------------------------------------------------------------------------------------------

function toast(text, bad = false) {
  const box = document.createElement("div");
  box.className = bad ? "toast bad" : "toast";
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = text;
  box.append(drawn(bad ? "alert" : "check"), words);
  one("#toasts").append(box);
  setTimeout(() => box.classList.add("leaving"), bad ? 8000 : 4000);
  setTimeout(() => box.remove(), bad ? 8400 : 4400);
}

// htmx --------------------------------------------------------------------------------------------------------------

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.body.dataset.csrf;
});
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.bad));
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (!xhr.getResponseHeader("HX-Trigger") && !xhr.getResponseHeader("HX-Redirect")) toast("That did not work. Reload the page and try again.", true);
});
document.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.elt.matches("[data-on]")) toast("The server cannot be reached.", true);
});

// Menus and dialogs -------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.opens)?.showModal();
  }
  const copy = event.target.closest("[data-copies]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copies).then(() => toast("Copied."));
  for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.matches("dialog")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of all("details.menu[open]")) {
    menu.open = false;
    if (menu.contains(document.activeElement)) one("summary", menu).focus();
  }
});

// Lists in which several can be ticked: all at once, and a question before what touches many or has no undo.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-ticks-all]")) for (const box of all("input.pick")) box.checked = event.target.checked;
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-many]")) return;
  const act = one("select[name=act]", form);
  const ticked = all("input.pick:checked").length;
  if (one("[data-everyone]", form)?.checked || act.value === "add") return; // the server counts, and asks
  if (!act.value || !ticked || (act.value !== "suppress" && ticked < 10)) return;
  const verb = act.selectedOptions[0].textContent;
  const whom = ticked === 1 ? "this lead" : `these ${ticked} leads`;
  const question = act.value === "suppress"
    ? `Never contact ${whom} again? No campaign, no AI and nobody in your team can text them any more. This has no undo.`
    : `${verb}: ${ticked} leads?`;
  const fields = { asks: question, asks_verb: verb };
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  setTimeout(() => { for (const field of all("input[name^=asks]", form)) field.remove(); }, 0);
}, true);

// Forms that ask first. Without this the server asks, on a page of its own.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = one("input[name=asks]", form);
  if (!question || one("input[name=asked]", form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  const verb = one("input[name=asks_verb]", form)?.value || "Yes";
  const dialog = document.createElement("dialog");
  dialog.className = "sheet";
  dialog.setAttribute("aria-labelledby", "asking");
  const text = Object.assign(document.createElement("p"), { id: "asking", textContent: question.value });
  const actions = Object.assign(document.createElement("form"), { method: "dialog", className: "actions" });
  const no = Object.assign(document.createElement("button"), { className: "btn", value: "no", textContent: "Keep it as it is" });
  const yes = Object.assign(document.createElement("button"), { className: "btn danger", value: "yes", textContent: verb });
  actions.append(no, yes);
  dialog.append(text, actions);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return;
    const answered = Object.assign(document.createElement("input"), { type: "hidden", name: "asked", value: "yes" });
    form.append(answered);
    form.requestSubmit(submitter && form.contains(submitter) ? submitter : undefined);
    answered.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  no.focus();
}, true);

// A form is sent once.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.ariaBusy === "true") event.preventDefault();
  event.target.ariaBusy = "true";
});
window.addEventListener("pageshow", () => { for (const form of all("form[aria-busy]")) form.ariaBusy = null; });

// Filters that apply as they are changed.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-applies]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
});

for (const field of all("[data-time-zone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";

// Colours change at once, and the cookie tells the next page.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-themes]") || event.submitter?.name !== "theme") return;
  event.preventDefault();
  const theme = event.submitter.value;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `fd_theme=${theme}; path=/console; max-age=${theme ? 31536000 : 0}; samesite=lax${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  one("meta[name=color-scheme]").content = theme || "light dark";
  for (const button of all("[data-themes] [name=theme]")) button.ariaPressed = String(button.value === theme);
}, true);

// Keys --------------------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea[data-sends-with-ctrl]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
  if (event.key === "Escape" && writing && !one("dialog[open]")) {
    event.target.blur();
    one("[data-walk] [aria-current], [data-walk] a.line")?.focus();
    return;
  }
  if (writing || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
  switch (event.key) {
    case "/": {
      const search = one("main input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      break;
    }
    case "j":
    case "k": {
      const links = all("[data-walk] a.row-link, [data-walk] a.line");
      if (!links.length) return;
      const focused = links.indexOf(document.activeElement);
      const at = focused >= 0 ? focused : links.findIndex((link) => link.hasAttribute("aria-current"));
      const next = links[Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
      next.focus();
      next.scrollIntoView({ block: "nearest" });
      break;
    }
    case "r": {
      const reply = one("textarea[data-reply]");
      if (reply) { event.preventDefault(); reply.focus(); }
      break;
    }
    case "Escape": // back to the list, where the conversation covers it
      if (one("[data-back]")?.offsetParent) one("[data-back]").click();
      break;
    case "?":
      one("#keys")?.showModal();
  }
});

// A thread shows its end, unless somebody is reading further up.
const scrolledUp = new Set();
document.addEventListener("htmx:beforeSwap", () => {
  scrolledUp.clear();
  for (const box of all("[data-to-end]")) {
    if (box.scrollHeight - box.scrollTop - box.clientHeight > 120) scrolledUp.add(`${box.id} ${box.dataset.toEnd}`);
  }
});
function toEnd() {
  for (const box of all("[data-to-end]")) if (!scrolledUp.has(`${box.id} ${box.dataset.toEnd}`)) box.scrollTop = box.scrollHeight;
}
document.addEventListener("htmx:afterSettle", toEnd);
toEnd();

// How long a text is, in the carrier's segments: none of them cuts an escaped character or an emoji in two.
const GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€\f]*$/;
const ESCAPED = /[\^{}\\[~\]|€\f]/;
function segmentsOf(text) {
  const plain = GSM.test(text);
  const widths = [...text].map((one) => (plain ? ESCAPED.test(one) : one.length > 1) ? 2 : 1);
  const units = widths.reduce((sum, width) => sum + width, 0);
  if (units <= (plain ? 160 : 70)) return { plain, units, segments: 1, left: (plain ? 160 : 70) - units };
  const room = plain ? 153 : 67;
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > room) { segments += 1; used = 0; }
    used += width;
  }
  return { plain, units, segments, left: room - used };
}
function count(field) {
  const told = document.getElementById(field.dataset.counted);
  if (!told || !field.value) { if (told) told.textContent = ""; return; }
  const { plain, segments, left } = segmentsOf(field.value.replaceAll("\r\n", "\n").trim());
  told.textContent = `${segments} ${segments === 1 ? "text" : "texts"}, ${left} left in ${segments === 1 ? "it" : "the last"}${plain ? "" : "; an emoji or a rare letter makes texts shorter"}`;
}
document.addEventListener("input", (event) => { if (event.target.dataset?.counted) count(event.target); });
document.addEventListener("htmx:afterSettle", () => { for (const field of all("[data-counted]")) if (field.value) count(field); });
for (const field of all("[data-counted]")) if (field.value) count(field);
