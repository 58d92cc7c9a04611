// The sound of a telephone line: μ-law, other sample rates, and a line between a microphone and a loudspeaker. Pages
// load it as an audio worklet, which is the line; as a module it is what the line is made of.

export const RATE = 8000;
export const FRAME = 160; // samples of 20 ms, as carriers send them
const BIAS = 132, LOUDEST = 32635;
const AHEAD = 0.06; // seconds that are kept back, so that sound which comes late leaves no gap

// Samples from -1 to 1 as μ-law (G.711).
export function encode(samples) {
  const codes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const value = Math.round(samples[i] * 32767);
    const sign = value < 0 ? 0x80 : 0;
    const size = Math.min(Math.abs(value), LOUDEST) + BIAS;
    const exponent = 24 - Math.clz32(size);
    codes[i] = ~(sign | (exponent << 4) | ((size >> (exponent + 3)) & 0x0f));
  }
  return codes;
}

const VALUES = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const size = ((((bits & 0x0f) << 3) + BIAS) << ((bits & 0x70) >> 4)) - BIAS;
  return (bits & 0x80 ? -size : size) / 32768;
});

export function decode(codes) {
  return Float32Array.from(codes, (code) => VALUES[code]);
}

const LOBES = 12; // of the filter, on either side: more is sharper, and later
const FINE = 256; // places of the filter that are known between two samples

// A stream of samples at another rate, without what that rate cannot carry: a windowed sinc, looked up.
export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    const pass = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(LOBES / pass);
    this.filter = new Float32Array((this.half + 1) * FINE + 1);
    for (let i = 0; i < this.half * FINE; i++) {
      const x = i / FINE, window = 0.42 + 0.5 * Math.cos((Math.PI * x) / this.half) + 0.08 * Math.cos((2 * Math.PI * x) / this.half);
      this.filter[i] = pass * window * (i ? Math.sin(Math.PI * pass * x) / (Math.PI * pass * x) : 1);
    }
    this.held = new Float32Array(this.half); // silence before the first sample
    this.at = this.half; // of the next sample that goes out, within what is held
  }

  push(samples) {
    const all = new Float32Array(this.held.length + samples.length);
    all.set(this.held);
    all.set(samples, this.held.length);
    const out = new Float32Array(Math.max(0, Math.ceil((all.length - this.half - this.at) / this.step)));
    let made = 0;
    for (; made < out.length && this.at + this.half < all.length; made++, this.at += this.step) {
      let sum = 0;
      for (let k = Math.ceil(this.at - this.half); k <= this.at + this.half; k++) {
        sum += all[k] * this.filter[Math.round(Math.abs(k - this.at) * FINE)];
      }
      out[made] = sum;
    }
    const done = Math.max(0, Math.floor(this.at) - this.half);
    this.held = all.slice(done);
    this.at -= done;
    return out.subarray(0, made);
  }
}

const loudest = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

// Tells, every 20 ms: {frame, mine, its, plays}: what the microphone had as μ-law, how loud either side is, and whether
// anything of the other's is left to be heard; and {mark} once all that came before it was heard. Is told {media},
// {mark}, {clear}, {muted}.
function register() {
  class Line extends AudioWorkletProcessor {
    constructor() {
      super();
      this.out = new Resampler(sampleRate, RATE);
      this.in = new Resampler(RATE, sampleRate);
      this.said = new Float32Array(0);
      this.queue = [];
      this.place = 0; // in the first of the queue
      this.came = this.heard = this.waits = this.its = 0;
      this.marks = [];
      this.muted = false;
      this.port.onmessage = ({ data }) => this.told(data);
    }

    told({ media, mark, clear, muted }) {
      if (media) {
        const samples = this.in.push(decode(media));
        if (!this.queue.length) this.waits = AHEAD * sampleRate;
        if (samples.length) this.queue.push(samples);
        this.came += samples.length;
      }
      if (mark !== undefined) this.marks.push({ mark, after: this.came });
      if (clear) {
        this.queue = [];
        this.place = 0;
        this.heard = this.came;
      }
      if (muted !== undefined) this.muted = muted;
    }

    process([input], [output]) {
      this.play(output[0]);
      for (const channel of output.slice(1)) channel.set(output[0]);
      const silence = this.muted || !input[0];
      this.take(this.out.push(silence ? new Float32Array(output[0].length) : input[0]));
      return true;
    }

    play(into) {
      if (this.waits > 0 && this.queue.length) this.waits -= into.length;
      else {
        for (let filled = 0; filled < into.length && this.queue.length;) {
          const part = this.queue[0].subarray(this.place, this.place + into.length - filled);
          into.set(part, filled);
          filled += part.length;
          this.place += part.length;
          this.heard += part.length;
          if (this.place >= this.queue[0].length) {
            this.queue.shift();
            this.place = 0;
          }
        }
      }
      this.its = Math.max(this.its, loudest(into));
      while (this.marks.length && this.marks[0].after <= this.heard) this.port.postMessage({ mark: this.marks.shift().mark });
    }

    take(samples) {
      const all = new Float32Array(this.said.length + samples.length);
      all.set(this.said);
      all.set(samples, this.said.length);
      let from = 0;
      for (; from + FRAME <= all.length; from += FRAME) {
        const said = all.subarray(from, from + FRAME);
        this.port.postMessage({ frame: encode(said), mine: loudest(said), its: this.its, plays: this.queue.length > 0 });
        this.its = 0;
      }
      this.said = all.slice(from);
    }
  }
  registerProcessor("line", Line);
}

if (typeof registerProcessor === "function") register();
