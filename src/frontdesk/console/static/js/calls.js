// The player of a call: its waveform, a click into it, and the words that are being spoken.
"use strict";

function start() {
  const player = document.querySelector("[data-player]:not([data-started])");
  const audio = player?.querySelector("audio");
  const canvas = player?.querySelector("[data-wave]");
  if (!audio || !canvas) return;
  player.dataset.started = "";
  const turns = [...document.querySelectorAll("[data-at]")];
  let peaks = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The colours are pairs of light and dark: an element of that colour knows which one holds.
  function drawn(name) {
    const probe = document.createElement("span");
    probe.style.color = colour(name);
    player.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  function draw() {
    const width = canvas.clientWidth, height = canvas.clientHeight, scale = window.devicePixelRatio || 1;
    if (!width || !peaks.length) return;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const to = canvas.getContext("2d");
    to.scale(scale, scale);
    const tones = peaks.length > 1 ? [drawn("--g-cold"), drawn("--g-accent")] : [drawn("--g-accent")];
    const played = audio.duration ? audio.currentTime / audio.duration : 0;
    peaks.slice(0, 2).forEach((channel, side) => {
      const step = width / channel.length;
      channel.forEach((peak, place) => {
        const half = peaks.length > 1 ? height / 2 : height;
        const tall = Math.max(1, Math.sqrt(peak) * (half - 6));
        const top = peaks.length > 1 ? (side ? half + 1 : half - 1 - tall) : (height - tall) / 2;
        to.globalAlpha = place / channel.length <= played ? 1 : 0.45;
        to.fillStyle = tones[side];
        to.fillRect(place * step, top, Math.max(1, step - 1), tall);
      });
    });
    to.globalAlpha = 1;
    to.fillStyle = drawn("--ink");
    to.fillRect(Math.min(played * width, width - 1), 0, 1.5, height);
  }

  function follow() {
    const at = audio.currentTime;
    for (const turn of turns) {
      turn.classList.toggle("now", !audio.paused && at >= Number(turn.dataset.at) && at < Number(turn.dataset.until));
    }
    draw();
  }

  function seek(seconds) {
    audio.currentTime = seconds;
    audio.play().catch(() => {});
  }

  canvas.addEventListener("click", (event) => {
    if (audio.duration) seek((event.offsetX / canvas.clientWidth) * audio.duration);
  });
  for (const button of document.querySelectorAll("[data-seek]")) {
    button.hidden = false;
    button.addEventListener("click", () => seek(Number(button.dataset.seek)));
  }
  for (const kind of ["timeupdate", "loadedmetadata", "pause", "seeked", "ended"]) audio.addEventListener(kind, follow);
  new ResizeObserver(draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

  fetch(player.dataset.player).then((answer) => (answer.ok ? answer.json() : [])).then((found) => {
    peaks = found;
    canvas.hidden = !peaks.length;
    const legend = player.querySelector("[data-legend]");
    if (legend) legend.hidden = peaks.length < 2;
    draw();
  }).catch(() => {});
}

start();
document.addEventListener("htmx:afterSettle", start); // a call that was under way has ended, and can be played
