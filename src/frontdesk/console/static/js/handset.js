// The handset: calls the assistant from the page, over the media socket that carriers use (Twilio's Media Streams). At the
// simulator it takes up calls that ring at virtual handsets.
"use strict";

(() => {
  const box = document.querySelector("[data-handset]");
  if (!box) return;
  const part = (name) => box.querySelector(`[data-${name}]`);
  const talk = part("call"), mute = part("mute"), hangUp = part("hang-up"), says = part("says"), clock = part("clock");
  const said = part("said"), after = part("after"), turnWords = part("turn-words");
  const mineBar = part("level=mine"), itsBar = part("level=its");
  const TURNS = { speaks: "It speaks", hears: "It hears you", listens: "It listens", muted: "It cannot hear you" };
  const LOUD = 0.06; // a microphone that is spoken into
  const PAUSE = 400; // ms of silence within what somebody says
  const BEHIND = 64 * 1024; // bytes that wait to be sent, after which sound is dropped
  const CLOSES_WITHIN = 3000, HEARD_WITHIN = 4000, ASKS_EVERY = 1000;
  const MICROPHONE = {
    NotAllowedError: "The microphone is not allowed. Allow it for this page beside the address, and try again.",
    NotFoundError: "No microphone was found. Plug one in, and try again.",
    NotReadableError: "Another program holds the microphone. Close that one, and try again.",
  };
  const NO_VOICE = "Nothing answers calls on the server just now: its voice process is down or still starting. Try again in a minute.";
  let now = null; // the call that is on; every call has an object of its own, so that what comes late is told apart

  if (talk) talk.hidden = false;

  class Told extends Error {} // an error whose words are for people

  function show(state, words) {
    box.dataset.state = state;
    const on = state === "on", idle = !now;
    for (const each of box.querySelectorAll("[data-when]")) each.hidden = each.dataset.when === "on" ? !on : state !== "idle";
    if (talk) talk.hidden = !idle;
    hangUp.hidden = idle;
    clock.hidden = state === "idle" || state === "trouble";
    if (says.textContent !== words) says.textContent = words;
  }

  async function ask(path, fields) {
    const headers = { "HX-Request": "true", "X-CSRF-Token": document.body.dataset.csrf };
    const answer = await fetch(path, fields ? { method: "POST", headers, body: new URLSearchParams(fields) } : { headers })
      .catch(() => { throw new Told("The server cannot be reached."); });
    const away = answer.headers.get("HX-Redirect");
    if (away) location.assign(away);
    if (!answer.ok) throw new Told(away ? "You are signed out." : await answer.text());
    return answer.json();
  }

  // A call, from the press to its end ----------------------------------------------------------------------------------

  async function begin(at) {
    const call = now = { at, began: null, id: "", socket: null, sound: null, line: null, microphone: null, over: false, heard: false, loud: 0, spoke: 0 };
    said.replaceChildren();
    said.hidden = after.hidden = true;
    setMuted(false);
    show("asking", "Allow the microphone, if your browser asks.");
    hangUp.focus();
    try {
      await openSound(call);
      if (call.over) return;
      show("ringing", "Ringing…");
      const opening = await ask(at, {});
      if (call.over) {
        if (opening.call) await ask(`${at}/${opening.call}/next`, { gone: "1" });
        return;
      }
      if (!opening.call) return finish(call, opening.says);
      call.id = opening.call;
      connect(call, opening);
      follow(call);
    } catch (error) {
      closeSound(call); // the microphone may have come after the person had hung up
      fail(call, error instanceof Told ? error.message : "The handset does not work in this browser.");
      if (!(error instanceof Told)) throw error;
    }
  }

  async function openSound(call) {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) {
      throw new Told("Browsers give the microphone to pages over https only (or on this very machine). Open the console by https, and try again.");
    }
    call.sound = new AudioContext({ latencyHint: "interactive" }); // within the press, or it would stay silent
    try {
      const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
      call.microphone = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    } catch (error) {
      throw new Told(MICROPHONE[error.name] || "The microphone cannot be used.");
    }
    call.microphone.getAudioTracks()[0].addEventListener("ended", () => { if (now === call) show(box.dataset.state, "The microphone is gone: it cannot hear you."); });
    await call.sound.audioWorklet.addModule(box.dataset.line);
    if (call.over) return closeSound(call);
    await call.sound.resume();
    call.line = new AudioWorkletNode(call.sound, "line", { numberOfInputs: 1, outputChannelCount: [1] });
    call.line.port.onmessage = ({ data }) => fromLine(call, data);
    call.sound.createMediaStreamSource(call.microphone).connect(call.line).connect(call.sound.destination);
  }

  function closeSound(call) {
    for (const track of call.microphone?.getTracks() || []) track.stop();
    if (call.sound && call.sound.state !== "closed") call.sound.close();
  }

  function connect(call, { path, parameters }) {
    const socket = call.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    const streamSid = call.stream = `MZ${crypto.randomUUID().replaceAll("-", "")}`;
    call.heard = false;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
      const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
      const start = { streamSid, accountSid: "", callSid: `browser-${call.id}`, tracks: ["inbound"], customParameters: parameters, mediaFormat };
      socket.send(JSON.stringify({ event: "start", sequenceNumber: "1", start, streamSid }));
      call.open = true;
    });
    socket.addEventListener("message", ({ data }) => { if (call.socket === socket && !call.over) fromSocket(call, JSON.parse(data)); });
    socket.addEventListener("close", () => { if (call.socket === socket) closed(call); });
  }

  function send(call, message) {
    if (call.open && call.socket?.readyState === WebSocket.OPEN && call.socket.bufferedAmount < BEHIND) {
      call.socket.send(JSON.stringify({ ...message, streamSid: call.stream }));
    }
  }

  function fromSocket(call, message) {
    switch (message.event) {
      case "media":
        if (!call.heard) {
          call.heard = true;
          call.began ??= Date.now();
          show("on", call.says || "On the line.");
        }
        call.line.port.postMessage({ media: Uint8Array.from(atob(message.media.payload), (byte) => byte.charCodeAt(0)) });
        break;
      case "clear":
        call.line.port.postMessage({ clear: true });
        break;
      case "mark":
        call.line.port.postMessage({ mark: message.mark.name });
    }
  }

  function fromLine(call, { frame, mark, mine, its, plays }) {
    if (mark !== undefined) return send(call, { event: "mark", mark: { name: mark } });
    send(call, { event: "media", media: { payload: btoa(String.fromCharCode(...frame)) } });
    call.plays = plays;
    if (!plays) call.quiet?.();
    if (now !== call || box.dataset.state !== "on") return;
    level(mineBar, mine);
    level(itsBar, its);
    if (mine > LOUD) call.loud = Date.now();
    if (plays) call.spoke = Date.now();
    const recent = (at) => Date.now() - at < PAUSE;
    const turn = recent(call.spoke) ? "speaks" : mute.ariaPressed === "true" ? "muted" : recent(call.loud) ? "hears" : "listens";
    if (box.dataset.turn !== turn) {
      box.dataset.turn = turn;
      turnWords.textContent = TURNS[turn];
    }
  }

  function level(bar, loud) {
    bar.style.transform = `scaleX(${Math.min(1, Math.sqrt(loud)).toFixed(3)})`;
  }

  // The other side has closed the line: what was sent is heard out, and the server is asked what a carrier would do.
  async function closed(call) {
    call.open = false;
    if (call.over) return;
    if (!call.began) {
      await ask(`${call.at}/${call.id}/next`, { gone: "1" }).catch(() => {});
      return fail(call, NO_VOICE);
    }
    await heardOut(call);
    try {
      const next = await ask(`${call.at}/${call.id}/next`, {});
      if (call.over) return;
      if (!next.call) return finish(call, next.says);
      call.says = next.says;
      show("ringing", next.says || "The line broke. Ringing again…");
      call.id = next.call;
      connect(call, next);
    } catch (error) {
      fail(call, error.message);
    }
  }

  function heardOut(call) {
    return new Promise((resolve) => {
      setTimeout(resolve, HEARD_WITHIN);
      setTimeout(() => { if (call.plays) call.quiet = resolve; else resolve(); }, 100); // what has just come is on its way
    });
  }

  async function putDown() {
    const call = now;
    if (!call || call.over) return;
    const { socket } = call;
    send(call, { event: "stop", stop: { callSid: `browser-${call.id}` } });
    finish(call, "");
    if (!call.id) return;
    if (socket?.readyState === WebSocket.OPEN) { // the server closes it, and keeps how the call ended
      await new Promise((resolve) => { socket.addEventListener("close", resolve); setTimeout(resolve, CLOSES_WITHIN); });
    }
    socket?.close();
    await ask(`${call.at}/${call.id}/next`, { gone: "1" }).catch(() => {});
    await refresh(call);
  }

  function leave(call) {
    call.over = true;
    call.open = false;
    closeSound(call);
    if (now === call) now = null;
  }

  function finish(call, words) {
    leave(call);
    show("over", ["The call is over.", words].filter(Boolean).join(" "));
    offerCall(call);
    refresh(call);
    (after.hidden ? talk : after.querySelector("a"))?.focus();
  }

  function fail(call, words) {
    if (call.over) return;
    leave(call);
    show("trouble", words);
    if (call.heard) offerCall(call);
    talk?.focus();
  }

  function offerCall(call) {
    if (!call.id) return;
    after.querySelector("a").href = `/console/calls/${call.id}`;
    after.hidden = false;
  }

  // What is said, and for how long --------------------------------------------------------------------------------------

  async function follow(call) {
    while (!call.over) {
      await new Promise((resolve) => setTimeout(resolve, ASKS_EVERY));
      if (call.began) clock.textContent = lasting(Date.now() - call.began);
      await refresh(call);
    }
  }

  async function refresh(call) {
    if (!call.id) return;
    const found = await ask(`/console/handset/${call.id}`).catch(() => null); // the next time will do
    if (!found || (now && now !== call)) return;
    found.said.slice(said.children.length).forEach((turn) => said.append(bubble(turn)));
    found.said.forEach((turn, place) => { said.children[place].firstChild.textContent = turn.text; });
    said.hidden = !found.said.length;
    if (!said.matches(":hover")) said.scrollTop = said.scrollHeight;
  }

  function bubble(turn) {
    const made = document.createElement("li");
    made.className = turn.theirs ? "bubble theirs" : "bubble ours ai";
    const text = Object.assign(document.createElement("p"), { className: "prewrap", textContent: turn.text });
    const under = Object.assign(document.createElement("p"), { className: "tiny under", textContent: [turn.who, turn.under].filter(Boolean).join(" ") });
    made.append(text, under);
    return made;
  }

  function lasting(ms) {
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  // Buttons and keys ----------------------------------------------------------------------------------------------------

  function setMuted(muted) {
    mute.ariaPressed = String(muted);
    now?.line?.port.postMessage({ muted });
  }

  talk?.addEventListener("click", () => begin("/console/handset"));
  document.addEventListener("click", (event) => {
    const ringing = event.target.closest("[data-answers]");
    if (ringing && !now) begin(ringing.dataset.answers);
  });
  document.addEventListener("submit", (event) => { // put down at the handset itself: its line is ours to close
    if (!now || now.at !== event.target.dataset.line) return;
    event.preventDefault();
    event.stopPropagation();
    putDown();
  }, true);
  hangUp.addEventListener("click", putDown);
  mute.addEventListener("click", () => setMuted(mute.ariaPressed !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey || mute.hidden) return;
    if (!event.target.closest("input, textarea, select")) setMuted(mute.ariaPressed !== "true");
  });
  window.addEventListener("pagehide", () => {
    if (!now) return;
    send(now, { event: "stop", stop: {} });
    now.socket?.close();
    finish(now, "");
  });
})();
