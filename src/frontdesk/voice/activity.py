"""Whether a caller speaks, from the sound of the line as it comes in. Whose turn it is: not here."""

import copy
from collections import deque
from functools import lru_cache
from importlib import resources

import numpy
from pipecat.audio.vad.silero import SileroOnnxModel
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState

_SURE = 0.5
"""The model's confidence from which a window has a voice in it: its makers' own threshold."""
_LOUD = 32_768 * 10 ** (-50 / 20)
"""The loudness, as a root mean square, from which somebody speaks into this telephone: 50 dB below the loudest."""
_LEEWAY = 1.5
"""The voice that makes speech has to come within so many times its length: a beginning has stops and hisses in it."""
_LEAD = 4
"""Windows before the first loud one that the model hears too: words begin softly."""
_FORGETS = 2.0
"""Seconds of sound without speech after which the model begins anew: music and noise make it hard of hearing."""
_SURELY_NOT, _RUNNING = 0.1, 5
"""It does so after so many windows running in which it was sure that nobody speaks."""


class VoiceActivity(VADAnalyzer):
    """Silero's voice model with a rule of our own for where speech begins, in place of pipecat's: the sound of the
    window counts, not a smoothed loudness of the last 0.4 seconds, and a gap within a word does not start the count
    anew. By those, an interruption was noticed 0.2 to 0.5 seconds late. A quiet line is not put to the model."""

    def __init__(self, rate: int, begins: float, ends: float) -> None:
        """`rate` is 8000 or 16000. Speech begins with `begins` seconds of voice, and ends with `ends` without."""
        super().__init__(sample_rate=rate, params=VADParams(start_secs=begins, stop_secs=ends, confidence=_SURE))
        self._model = copy.copy(_loaded())
        self._model.reset_states()
        self.set_sample_rate(rate)
        window = self.num_frames_required()
        self._window_bytes = window * 2
        self._begins, self._ends = (max(1, round(seconds * rate / window)) for seconds in (begins, ends))
        self._forgets = round(_FORGETS * rate / window)
        self._left = bytearray()
        self._quiet: deque[bytes] = deque(maxlen=_LEAD)
        self._voiced: deque[bool] = deque(maxlen=round(self._begins * _LEEWAY))
        self._unvoiced = self._asked = self._sure_not = 0

    @staticmethod
    def warm() -> None:
        """Load the model, which all calls share, before anybody calls."""
        _loaded()

    def num_frames_required(self) -> int:
        """Samples of a window: what the model takes."""
        return self.sample_rate * 32 // 1000

    def voice_confidence(self, buffer: bytes) -> float:
        """How sure the model is that there is a voice in the next window, from 0 to 1."""
        samples = numpy.frombuffer(buffer, numpy.int16).astype(numpy.float32) / 32_768
        return float(self._model(samples, self.sample_rate).item())

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """Take in more sound. A window takes a fraction of a millisecond, less than to hand it to a thread."""
        self._left += buffer
        while len(self._left) >= self._window_bytes:
            window = bytes(self._left[: self._window_bytes])
            del self._left[: self._window_bytes]
            self._see(window)
        return self._vad_state

    def _see(self, window: bytes) -> None:
        samples = numpy.frombuffer(window, numpy.int16).astype(numpy.float32)
        loud = bool(samples @ samples >= _LOUD * _LOUD * len(samples))
        if self._vad_state is VADState.QUIET:
            if not loud and not any(self._voiced):
                self._quiet.append(window)
                return
            self._voiced.append(self._has_voice(window) and loud)
            if sum(self._voiced) >= self._begins:
                self._vad_state, self._unvoiced = VADState.SPEAKING, 0
        else:
            self._unvoiced = 0 if self._has_voice(window) and loud else self._unvoiced + 1
            if self._unvoiced >= self._ends:
                self._vad_state = VADState.QUIET
                self._voiced.clear()

    def _has_voice(self, window: bytes) -> bool:
        """The model's word on a window. It remembers what came before; what it was not asked about, it is told now."""
        if self._quiet:
            self._model.reset_states()
            self._asked = 0
        while self._quiet:
            self.voice_confidence(self._quiet.popleft())
        confidence = self.voice_confidence(window)
        self._asked += 1
        self._sure_not = self._sure_not + 1 if confidence < _SURELY_NOT else 0
        if self._vad_state is VADState.QUIET and self._asked >= self._forgets and self._sure_not >= _RUNNING:
            self._model.reset_states()
            self._asked = 0
        return confidence >= _SURE


@lru_cache(maxsize=1)
def _loaded() -> SileroOnnxModel:
    with resources.as_file(resources.files("pipecat.audio.vad.data") / "silero_vad.onnx") as file:
        return SileroOnnxModel(str(file))
