"""Whether a caller speaks, from the sound of the line as it comes in. Whose turn it is: not here."""

from collections import deque

import numpy
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams, VADState

_SURE = 0.5
"""The model's confidence from which a window has a voice in it: its makers' own threshold."""
_LOUD = 32_768 * 10 ** (-50 / 20)
"""The loudness, as a root mean square, from which somebody speaks into this telephone: 50 dB below the loudest."""
_LEEWAY = 1.5
"""The voice that makes speech has to come within so many times its length: a beginning has stops and hisses in it."""


class VoiceActivity(SileroVADAnalyzer):
    """pipecat's voice model, with another rule for where speech begins: the sound of the window counts, not a smoothed
    loudness of the last 0.4 seconds, and a gap within a word does not start the count anew. By those, an interruption
    was noticed 0.2 to 0.5 seconds late."""

    def __init__(self, rate: int, begins: float, ends: float) -> None:
        """`rate` is 8000 or 16000. Speech begins with `begins` seconds of voice, and ends with `ends` without."""
        super().__init__(sample_rate=rate, params=VADParams(start_secs=begins, stop_secs=ends, confidence=_SURE))
        self.set_sample_rate(rate)
        window = self.num_frames_required()
        self._window_bytes = window * 2
        self._begins, self._ends = (max(1, round(seconds * rate / window)) for seconds in (begins, ends))
        self._left = bytearray()
        self._voiced: deque[bool] = deque(maxlen=round(self._begins * _LEEWAY))
        self._unvoiced = 0

    async def analyze_audio(self, buffer: bytes) -> VADState:
        """Take in more sound. A window takes a fraction of a millisecond, less than to hand it to a thread."""
        self._left += buffer
        while len(self._left) >= self._window_bytes:
            window = bytes(self._left[: self._window_bytes])
            del self._left[: self._window_bytes]
            self._see(window)
        return self._vad_state

    def _see(self, window: bytes) -> None:
        confidence = self.voice_confidence(window)  # of every window: the model remembers
        samples = numpy.frombuffer(window, numpy.int16).astype(numpy.float32)
        voiced = bool(confidence >= _SURE and samples @ samples >= _LOUD * _LOUD * len(samples))
        if self._vad_state is VADState.QUIET:
            self._voiced.append(voiced)
            if voiced and sum(self._voiced) >= self._begins:
                self._vad_state, self._unvoiced = VADState.SPEAKING, 0
        else:
            self._unvoiced = 0 if voiced else self._unvoiced + 1
            if self._unvoiced >= self._ends:
                self._vad_state = VADState.QUIET
                self._voiced.clear()
