"""The mistakes that cost most: contacting who said stop, losing who did not, booking what nobody picked."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from frontdesk.adapters.offline.brain import answer
from frontdesk.ports.llm import Action

TEXTS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("costly.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", TEXTS["stop"])
def test_who_says_stop_is_let_go(world: Any, text: str) -> None:
    reply = answer(world.heard(text))
    assert reply.stop_contact
    assert reply.text == ""


@pytest.mark.parametrize("text", TEXTS["stop"])
def test_who_says_stop_to_an_offer_is_let_go_too(world: Any, text: str) -> None:
    offered = [world.slot("tue 11:00"), world.slot("wed 14:00")]
    assert answer(world.heard("ok", text, ours="Which suits you?", offered_slots=offered)).stop_contact


@pytest.mark.parametrize("text", TEXTS["not_stop"])
def test_who_does_not_say_stop_is_not_lost(world: Any, text: str) -> None:
    assert not answer(world.heard(text)).stop_contact


@pytest.mark.parametrize("text", TEXTS["not_closed"])
def test_who_is_not_refusing_is_not_closed(world: Any, text: str) -> None:
    reply = answer(world.heard(text))
    assert reply.action not in (Action.CLOSE, Action.MARK_WRONG_NUMBER)
    assert not reply.stop_contact


@pytest.mark.parametrize("text", TEXTS["not_booked"])
def test_what_nobody_picked_is_not_booked(world: Any, text: str) -> None:
    offered = [world.slot("tue 11:00"), world.slot("wed 14:00"), world.slot("thu 17:30")]
    assert answer(world.heard(text, ours="Which suits you?", offered_slots=offered)).action is not Action.BOOK
