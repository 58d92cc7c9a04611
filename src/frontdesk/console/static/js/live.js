// Live parts. An element with data-on="message. lead." gets the event "live" (for hx-trigger) when something of such a
// type happens. Where the stream is cut, every live part is loaded anew now and then instead.
"use strict";

(() => {
  const AFTER = 250; // one refresh for what happens together
  const POLL = 10_000;
  const HIDDEN = 60_000;
  const due = new Map();
  let source, poll, hiding, wasAway = false;

  const parts = () => [...document.querySelectorAll("[data-on]")];

  function refresh(element) {
    if (due.has(element)) return;
    due.set(element, setTimeout(() => {
      due.delete(element);
      if (element.isConnected) window.htmx?.trigger(element, "live");
    }, Number(element.dataset.pace) || AFTER));
  }

  function happened(type) {
    for (const element of parts()) {
      if (type === "resync" || element.dataset.on.split(" ").some((wanted) => type.startsWith(wanted))) refresh(element);
    }
    if (type === "resync" || /^(message\.received|conversation\.|notification\.)/.test(type)) count();
  }

  // What waits, beside the inbox's name and the bell.
  let counting = null;
  function count() {
    if (counting) return;
    counting = setTimeout(async () => {
      counting = null;
      const answer = await fetch("/console/waiting", { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer?.ok || answer.redirected) return;
      const counts = await answer.json();
      for (const badge of document.querySelectorAll("[data-badge]")) {
        const waiting = counts[badge.dataset.badge];
        badge.textContent = "";
        if (!waiting) continue;
        const number = Object.assign(document.createElement("span"), { className: "count", textContent: waiting < 100 ? waiting : "99+" });
        number.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: " unread" }));
        badge.append(number);
      }
    }, AFTER * 2);
  }

  // Opening a conversation reads it.
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "open") count(); });

  function ask(on) {
    clearInterval(poll);
    poll = on ? setInterval(() => { if (!document.hidden) happened("resync"); }, POLL) : undefined;
  }

  // Told only when it lasts: a server that restarts is back at once.
  const PATIENCE = 4000;
  let cutting;
  function told(cut) {
    const line = document.getElementById("cut");
    clearTimeout(cutting);
    if (cut) cutting = setTimeout(() => { if (line) line.hidden = false; }, PATIENCE);
    else if (line && !line.hidden) {
      line.hidden = true;
      window.toast?.("Connected again. What was missed has been loaded.");
    }
  }

  function open() {
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(document.body.dataset.live);
    source.addEventListener("open", () => {
      ask(false);
      if (wasAway) happened("resync");
      wasAway = false;
      document.body.dataset.stream = "open";
      told(false);
    });
    source.addEventListener("fact", (event) => happened(JSON.parse(event.data).type));
    source.addEventListener("error", () => {
      document.body.dataset.stream = "cut";
      wasAway = true; // what happens meanwhile is loaded anew
      told(true);
      if (!poll) ask(true);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, POLL);
    });
  }

  // A hidden page needs no stream: browsers allow few at once.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => { source?.close(); ask(false); wasAway = true; }, HIDDEN);
    } else if (wasAway) open();
  });
  window.addEventListener("pagehide", () => { clearTimeout(cutting); source?.close(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) { wasAway = true; open(); } });
  open();

  // "5 min ago" grows older, by the server's clock.
  const loaded = performance.now();
  const then = Date.parse(document.body.dataset.now);
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-ago]")) {
      const minutes = Math.floor((then + performance.now() - loaded - Date.parse(element.dateTime)) / 60_000);
      if (minutes < 60) element.textContent = minutes < 1 ? "just now" : `${minutes} min ago`;
      else element.textContent = element.dataset.ago;
    }
  }, 20_000);
})();
