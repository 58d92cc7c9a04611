"""Whole replies: what can mean nothing else is obeyed at once, with whatever courtesy; a word more, and it is left."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.contactability import model, refusals
from frontdesk.domain.contactability.model import Word, keyword, refuses

DIALOGUES = Path(__file__).parents[2] / "adapters" / "offline" / "dialogues"

STOPS = [
    "STOP PLEASE", "Please stop", "please, stop!", "pls stop", "Stop now.", "just stop", "STOP. Thank you",
    "Stop stop STOP", "please stop all", "Unsubscribe please", "opt out pls", "No, stop", "No! Stop!",
    "Kindly stop immediately", "S.T.O.P.", "ok stop", "Stop right now ffs", "stop thx", "Stop, cheers",
    # as carriers take them elsewhere
    "stop por favor", "Alto por favor", "pare, por favor", "Para por favor", "por favor, para",
    "Arrêtez s’il vous plaît", "arrêt svp", "STOP merci", "Bitte stoppen", "bitte stopp!", "Stopp bitte",
    "abmelden bitte", "nein, stopp", "basta, grazie", "parar por favor", "sair, obrigada", "stoppen alstublieft",
    "proszę wypisz",
]  # fmt: skip

REFUSALS = [
    "Stop texting", "stop messaging us", "STOP CALLING", "please stop contacting me", "stop it", "Stop this now",
    "stop that!", "Stop it. Please.", "stop the messages", "stop all texts", "Stop these spam texts",
    "stop sending these", "quit texting", "stop spam", "opt me out", "Opt us out please", "opt me out of this",
    "opt out of these texts", "Do not contact me", "don't text me", "Dont message us please", "DO NOT CALL ME",
    "Don’t contact this number", "never contact me", "never text us", "Please do not contact",
    "no more texts please", "no more of these messages", "No, don't text me", "no! stop it", "take me off",
    "take me off this", "Take my number off please", "remove me from this", "delete my number from everything",
    "nope, stop texting", "Stop contacting my phone please", "dont txt me anymore", "take me off ur mailing list",
    "i dont want any more of these messages",
    # elsewhere
    "No me escriban", "no me contacten por favor", "no me manden mensajes", "Basta de mensajes", "Ne m'écrivez pas",
    "ne me contactez pas svp", "Arrêtez vos messages", "stop aux SMS", "Bitte kontaktieren Sie mich nicht",
    "schreibt mir nicht", "bitte nicht mehr schreiben", "Aufhören!", "Hören Sie bitte auf", "Non mi scrivete",
    "non contattatemi", "smettetela", "Não me mandem mensagens", "chega de mensagens", "Sms me niet",
    "niet meer appen", "Proszę nie pisać", "nie piszcie do mnie",
]  # fmt: skip

NEITHER = [
    "stop by tomorrow", "please stop by", "don't stop", "please don't stop", "never stop",
    "stop it, you're too funny", "stop it 😂", "haha stop it", "please stop 🤣", "Stop it ;)", "stop it you",
    "don't call me, text me", "dont text, ring me", "do not call me before 5", "don't text me at work",
    "Stop calling my wife Dave", "stop texting and ring me", "no stop", "stop texting?", "Stop calling? Why",
    "can you stop", "non stop", "full stop", "bus stop", "stop the leak", "stop this leak", "please cancel",
    "cancel please", "please end", "now quit", "Don't call me. Text me instead", "Don't contact me. Email my wife",
    "no more questions", "no more bots. someone human", "no more", "take me off hold", "take it off",
    "take me off the waiting one", "take that off", "remove the old one", "please remove", "opt for the first",
    "option 2 please", "opting out of the finance", "stop it at five", "I said stop texting my mum",
    "tell them to stop it", "help please", "please start", "just start", "start now", "thanks", "please", "ok", "no",
    "no, thanks", "stop sending it", "baja, por favor", "para", "para mí", "para, gracias", "bitte",
    "no más mensajes", "no me escriban antes de las 9", "No me escriba aquí, al correo", "ne m'écrivez pas le soir",
    "keine Nachrichten", "schreiben Sie mir nicht so spät", "hören Sie auf meine Frau", "aufhören zu rauchen",
    "non scrivetemi di sera", "nie pisz teraz", "stop met roken", "niet meer vandaag",
]  # fmt: skip


@pytest.mark.parametrize("text", STOPS)
def test_a_stop_is_one_however_politely_it_is_said(text: str) -> None:
    assert keyword(text) is Word.STOP
    assert keyword(text.upper()) is Word.STOP


@pytest.mark.parametrize("text", REFUSALS)
def test_a_whole_reply_that_can_mean_nothing_else_is_a_refusal(text: str) -> None:
    assert keyword(text) is None
    assert refuses(text)
    assert refuses(f"  {text.upper()}!!")


@pytest.mark.parametrize("text", NEITHER)
def test_what_can_mean_something_else_is_left_to_whoever_answers(text: str) -> None:
    assert keyword(text) is None
    assert not refuses(text)


MORE = st.lists(
    st.sampled_from(
        ["by", "tomorrow", "you", "my", "wife", "and", "ring", "at", "work", "before", "5", "boiler", "😂", "?", ":)"]
    )
    | st.from_regex("[a-z]{8,12}", fullmatch=True),
    min_size=1,
    max_size=4,
).map(" ".join)  # fmt: skip
WHOLE = st.sampled_from(
    [
        "stop", "please stop", "stop please", "unsubscribe", "optout", "bitte stoppen", "pare por favor",
        "stop texting", "stop it", "stop this", "opt me out", "do not contact me", "don't text me", "don't call me",
        "take me off", "do not contact", "no me escriban", "ne me contactez pas", "schreibt mir nicht",
        "non mi scrivete", "sms me niet", "nie piszcie do mnie",
    ]
)  # fmt: skip


@given(WHOLE, MORE, st.sampled_from([" ", ", ", " - "]), st.booleans())
def test_a_whole_reply_with_more_in_it_is_none(whole: str, more: str, between: str, first: bool) -> None:
    text = more + between + whole if first else whole + between + more
    assert not refuses(text)
    if any(char.isalnum() for char in more):
        assert keyword(text) is None


def test_what_is_obeyed_at_once_is_a_stop_to_those_who_wrote_the_dialogues() -> None:
    obeyed: list[tuple[str, bool | None]] = []
    for path in DIALOGUES.glob("*.yaml"):
        for dialogue in yaml.safe_load(path.read_text(encoding="utf-8"))["dialogues"]:
            texts = [turn["lead"] for turn in dialogue.get("turns", ()) if "lead" in turn] or [dialogue["lead"]]
            if isinstance(texts[-1], str) and (keyword(texts[-1]) or refuses(texts[-1])):
                obeyed.append((texts[-1], dialogue.get("stop")))
    assert len(obeyed) >= 25
    assert not [text for text, stop in obeyed if stop is not True]


PATTERNS = [
    *(pattern.pattern for pattern in model._REFUSALS),  # pyright: ignore[reportPrivateUsage]
    *model._WHOLE_REPLIES,  # pyright: ignore[reportPrivateUsage]
    *(clause for _, clauses in refusals._LANGUAGES for clause in clauses),  # pyright: ignore[reportPrivateUsage]
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
@settings(max_examples=15)
@given(data=st.data())
def test_the_quick_look_misses_nothing_that_a_pattern_takes(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(pattern if "^" in pattern else rf"\A(?:{pattern})\Z"))
    between = data.draw(st.sampled_from([" ", ", ", " please ", "... por favor, "]))
    assert model._HINTS.search(refusals.plain(text.replace(" ", between)))  # pyright: ignore[reportPrivateUsage]


def test_no_word_however_often_it_comes_keeps_the_program_busy() -> None:
    """Thirty "please" in a row took minutes, and the program with them, when a pattern had the word twice."""
    known = "|".join([model._COURTESIES, model._HINTS.pattern, *model._WHOLE_REPLIES])  # pyright: ignore[reportPrivateUsage]
    for word in sorted(set(re.findall(r"[a-z']+", known))):
        for end in ("x", "?", "stop x"):
            text = f"{word} " * 60 + end
            assert keyword(text) is None
            refuses(text)
