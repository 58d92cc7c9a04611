"""The committed dialogues: what real leads write, and how it must be understood and acted on."""

import asyncio
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from frontdesk.adapters.offline import OfflineBrain
from frontdesk.ports.llm import Brief, Reply, Slot, Turn

FILES = sorted(Path(__file__).with_name("dialogues").glob("*.yaml"))
INTENTS = ("interest", "refusal", "question", "wants_call", "picks_slot", "wants_person", "wrong_number", "not_now")


def dialogues(path: Path) -> list[dict[str, Any]]:
    """The dialogues of a file, each with the file's defaults."""
    sheet = yaml.safe_load(path.read_text(encoding="utf-8"))
    defaults = {key: value for key, value in sheet.items() if key != "dialogues"}
    return [{**defaults, **dialogue} for dialogue in sheet["dialogues"]]


def played(dialogue: dict[str, Any], world_in: Any) -> tuple[Reply, Any]:
    """The brain's answer to the last lead turns; turns of ours marked `auto` are its own earlier answers."""
    world = world_in(dialogue.get("zone", "Europe/London"))
    free = [world.slot(s) for s in dialogue["free"]] if "free" in dialogue else world.all_free()
    offered = [world.slot(s) for s in dialogue.get("offered", ())]
    script = dialogue.get("turns")
    if script is None:
        said = dialogue["lead"]
        ours = dialogue.get("us") or (
            "I have some times free for a call. Which suits you?" if offered else world.opening
        )
        script = [{"us": ours}, *({"lead": text} for text in (said if isinstance(said, list) else [said]))]
    else:
        offered = []
    brain, turns = OfflineBrain(), list[Turn]()

    def answered(slots: list[Slot]) -> Reply:
        brief: Brief = world.brief(list(turns), free_slots=free, offered_slots=slots)
        return asyncio.run(brain.reply(brief))

    for number, line in enumerate(script):
        at = world.now - timedelta(minutes=len(script) - number)
        if line.get("us") == "auto":
            reply = answered(offered)
            offered = reply.slots if reply.action == "offer_slots" else []
            turns.append(Turn(True, reply.text, at))
        elif "us" in line:
            turns.append(Turn(True, line["us"], at))
        else:
            turns.append(Turn(False, line["lead"], at))
    return answered(offered), world


def faults(dialogue: dict[str, Any], reply: Reply, world: Any) -> list[str]:
    """Where the reply is not what the dialogue asks for, its intent aside."""
    found: list[str] = []

    def hold(name: str, is_so: bool, got: object) -> None:
        if not is_so:
            found.append(f"{name}: wanted {dialogue.get(name)!r}, got {got!r}")

    slots = [world.spoken(slot) for slot in reply.slots]
    if "book" in dialogue:
        hold(
            "book",
            reply.action == "book" and [" ".join(slot) for slot in slots] == [dialogue["book"]],
            (reply.action.value, slots),
        )
    elif "action" in dialogue:
        hold("action", reply.action == dialogue["action"], reply.action.value)
    if "on" in dialogue:
        hold("on", bool(slots) and all(day in dialogue["on"] for day, _ in slots), slots)
    if "within" in dialogue:
        first, last = dialogue["within"].split("-")
        hold("within", bool(slots) and all(first <= hour < last for _, hour in slots), slots)
    if "stop" in dialogue:
        hold("stop", reply.stop_contact is dialogue["stop"], reply.stop_contact)
    if "hot" in dialogue:
        hold("hot", reply.hot is dialogue["hot"], reply.hot)
    if "says" in dialogue:
        hold("says", dialogue["says"] in reply.text, reply.text)
    if "says_any" in dialogue:
        hold("says_any", any(words in reply.text for words in dialogue["says_any"]), reply.text)
    if dialogue.get("known") is False:
        told = any(fact.text[:25] in reply.text for fact in world.facts)
        hold(
            "known", not told and ("know" in reply.text or "guess" in reply.text or "answer" in reply.text), reply.text
        )
    if "max_confidence" in dialogue:
        hold("max_confidence", reply.confidence <= dialogue["max_confidence"], reply.confidence)
    if dialogue.get("silent") or dialogue.get("stop"):
        hold("silent", reply.text == "", reply.text)
    elif not reply.text:
        found.append("silence where words were wanted")
    return found


def last_words(dialogue: dict[str, Any]) -> str:
    said = dialogue.get("lead", dialogue["turns"][-1]["lead"] if "turns" in dialogue else "")
    return " / ".join(said) if isinstance(said, list) else said


@pytest.fixture(scope="module")
def results(world_in: Any) -> dict[str, list[tuple[dict[str, Any], Reply, bool, list[str]]]]:
    """Every dialogue of every file, played once."""
    played_out: dict[str, list[tuple[dict[str, Any], Reply, bool, list[str]]]] = defaultdict(list)
    for path in FILES:
        for dialogue in dialogues(path):
            reply, world = played(dialogue, world_in)
            wanted = dialogue["intent"]
            right = reply.intent in (wanted if isinstance(wanted, list) else [wanted])
            played_out[path.stem].append((dialogue, reply, right, faults(dialogue, reply, world)))
    return played_out


def table(results: dict[str, list[tuple[dict[str, Any], Reply, bool, list[str]]]]) -> str:
    """Accuracy by file, and every miss."""
    lines = ["", f"{'file':<16}{'right':>8}{'of':>6}{'deeds off':>12}"]
    misses: list[str] = []
    for name, rows in results.items():
        right, deeds_off = sum(row[2] for row in rows), sum(bool(row[3]) for row in rows)
        lines.append(f"{name:<16}{right:>8}{len(rows):>6}{deeds_off:>12}")
        for dialogue, reply, is_right, off in rows:
            if not is_right or off:
                said, wanted = last_words(dialogue), dialogue["intent"]
                misses.append(f'  {name}: "{said}": wanted {wanted}, read {reply.intent.value}; {"; ".join(off)}')
    return "\n".join([*lines, *misses])


def test_nine_in_ten_intents_are_read_right(results: Any) -> None:
    rows = [row for rows in results.values() for row in rows]
    assert sum(right for _, _, right, _ in rows) >= 0.9 * len(rows), table(results)


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_every_file_is_read_well(results: Any, name: str) -> None:
    rows = results[name]
    assert sum(right for _, _, right, _ in rows) >= 0.8 * len(rows), table({name: rows})


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_what_is_read_right_is_acted_on_right(results: Any, name: str) -> None:
    off = [row for row in results[name] if row[2] and row[3]]
    assert not off, table({name: off})


def test_a_request_to_stop_is_never_missed(results: Any) -> None:
    """The one mistake that may not happen at all."""
    rows = [row for rows in results.values() for row in rows]
    assert not [last_words(d) for d, reply, *_ in rows if d.get("stop") and not reply.stop_contact]


def test_the_corpus_covers_each_intent() -> None:
    assert all(len(dialogues(Path(__file__).with_name("dialogues") / f"{name}.yaml")) >= 12 for name in INTENTS)
