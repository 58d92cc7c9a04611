"""The phone's part of the report: its ratios with a chart, which stand at the top, and a section. Each is between
marks, so that it can be written anew alone."""

import re

from bench.voice import IN_TIME, SCRIPT, Crowd, Spoken, Voice

_MARKS = ("<!-- the phone: ratios -->", "<!-- the phone: section -->")
_END = "<!-- the phone: end -->"
_BEFORE = ("Requests a second,", "## How it was measured")
"""What follows either in a report that has neither yet."""


def parts(voice: Voice | None) -> list[str]:
    """The ratios and the section, each between its marks; empty where nothing was measured."""
    if voice is None:
        return ["", ""]
    return [_marked(mark, text) for mark, text in zip(_MARKS, (_ratios(voice), _section(voice)), strict=True)]


def refreshed(report: str, voice: Voice, of: str) -> str:
    """`report` with the phone's part as it is found now; `of` says of which run it is."""
    ratios, section = _ratios(voice), f"{_section(voice)}\n\n{of}"
    for mark, before, text in zip(_MARKS, _BEFORE, (ratios, section), strict=True):
        found = re.compile(re.escape(mark) + ".*?" + re.escape(_END), re.S)
        if found.search(report):
            report = found.sub(lambda _, mark=mark, text=text: _marked(mark, text), report)
        else:
            report = report.replace(before, f"{_marked(mark, text)}\n\n{before}", 1)
    return report


def _marked(mark: str, text: str) -> str:
    return f"{mark}\n\n{text}\n\n{_END}"


def _ratios(voice: Voice) -> str:
    rows = [
        "| the phone | Frontdesk | bare pipecat | times | wanted |",
        "|---|---:|---:|---:|---:|",
        *_turns("real speech, offline", voice.offline),
        *_turns("stand-ins for speech", voice.stand_in),
    ]
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ours, theirs = ((one.at("answered", share) - voice.end_pointing) * 1000 for one in voice.stand_in)
        rows.append(f"| of it beyond end-pointing, {name} | {ours:.0f} ms | {theirs:.0f} ms | | below 100 ms |")
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ours, theirs = (one.at("cleared", share) * 1000 for one in _together(voice))
        rows.append(
            f"| interruption: caller's first sound → `clear`, {name} | {ours:.0f} ms | {theirs:.0f} ms | "
            f"**{ours / theirs:.2f}** | below 300 ms |"
        )
    ours, theirs = (1 / _usual(crowds).cost for crowds in voice.crowds)
    rows.append(f"| calls per core, by processor time | {ours:.0f} | {theirs:.0f} | **{ours / theirs:.2f}** | |")
    ours, theirs = (voice.in_time(engine) for engine in (0, 1))
    rows.append(f"| calls at once whose turns are in time | {ours} | {theirs} | | |")
    return "\n".join(rows) + "\n\n" + _chart(voice)


def _turns(of: str, spoken: list[Spoken]) -> list[str]:
    rows: list[str] = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ours, theirs = (one.at("answered", share) * 1000 for one in spoken)
        rows.append(
            f"| turn, {of}, {name} | {ours:,.0f} ms | {theirs:,.0f} ms | **{ours / theirs:.2f}** | 1.10 at most |"
        )
    return rows


def _together(voice: Voice) -> list[Spoken]:
    """By engine, the turns with real speech and with stand-ins: an interruption waits for neither."""
    return [
        Spoken(one.name, [*one.turns, *other.turns]) for one, other in zip(voice.offline, voice.stand_in, strict=True)
    ]


def _usual(crowds: list[Crowd]) -> Crowd:
    """The level whose cost is told: the first, which every engine has."""
    return crowds[0]


def _chart(voice: Voice) -> str:
    bars = [
        (f"turn, {of}: {one.name}", one.at("answered", 0.5) * 1000)
        for of, spoken in (("real speech", voice.offline), ("stand-ins", voice.stand_in))
        for one in spoken
    ]
    bars += [(f"interruption: {one.name}", one.at("cleared", 0.5) * 1000) for one in _together(voice)]
    most = max(each for _, each in bars)
    widest = max(len(name) for name, _ in bars)
    lines = [f"{name:<{widest}}  {'█' * max(1, round(40 * each / most)):<40} {each:8,.0f} ms" for name, each in bars]
    return "Milliseconds a caller waits, medians:\n\n```text\n" + "\n".join(lines) + "\n```"


def _section(voice: Voice) -> str:
    rows = [
        "| engine | speech | turns | p50 ms | p95 ms | interruptions | `clear` p50 ms | p95 ms | silence p50 ms | "
        "p95 ms | missed |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for of, spoken in (("real, offline", voice.offline), ("stand-ins", voice.stand_in)):
        for one in spoken:
            figures = [
                f"{one.at(field, share) * 1000:,.0f}"
                for field in ("answered", "cleared", "silent")
                for share in (0.5, 0.95)
            ]
            interruptions = sum(turn.interrupts for turn in one.turns)
            rows.append(
                f"| {one.name} | {of} | {len(one.turns)} | {' | '.join(figures[:2])} | {interruptions} | "
                f"{' | '.join(figures[2:])} | {one.missed} |"
            )
    crowds = [
        "| engine | calls at once | turn p50 ms | p95 ms | missed | CPU ms a call-second | PostgreSQL CPU ms | "
        "caller's frames late by ms |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for spoken, levels in zip(voice.stand_in, voice.crowds, strict=True):
        crowds += [
            f"| {spoken.name} | {one.count} | {one.p50 * 1000:,.0f} | {one.p95 * 1000:,.0f} | {one.missed} | "
            f"{one.cost * 1000:.1f} | {one.database * 1000:.1f} | {one.late * 1000:.0f} |"
            for one in levels
        ]
    return "\n\n".join(
        (
            "## The phone",
            "Callers are spoken by Pico (the assistant's voice is Piper's), and come in over the Media Streams socket, "
            f"20 ms a frame, in real time, with the noise of a line where nobody speaks: {len(SCRIPT)} turns a call, "
            "every other one begun into what the assistant is saying. A turn is from the last sound of the caller's to "
            "the arrival of the first sound of the answer; an interruption from the first sound of the caller's to the "
            "arrival of `clear`, and to silence on the line.",
            "\n".join(rows),
            f"End-pointing is {voice.end_pointing:g} s of silence by the settings of both. The peer (`bench/peers/"
            "pipecat`) is pipecat's own parts put together as its examples for Twilio are, with the same pause, the "
            "same voice activity model under pipecat's own rules, the same Whisper and Piper; it hears at the 16 kHz "
            "that Whisper wants, knows its answers beforehand (Frontdesk's own) and keeps nothing. Frontdesk is its "
            "voice process as it is run: it looks up, decides, and keeps lead, transcript and recording. The stand-ins "
            "for speech know at once what was said and have their sound ready.",
            "\n".join(crowds),
            f"Callers at once are in time while 95 of 100 turns are answered no later than {IN_TIME * 1000:.0f} ms "
            "after the median of one call. The machine's cores also carry the callers and PostgreSQL: where the "
            "callers' own frames are late, that is where the machine ends, not the engine.",
        )
    )
