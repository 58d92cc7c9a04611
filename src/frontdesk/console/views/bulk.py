"""What is done with many leads at once, in words. Pure; no I/O."""

from msgspec import Struct

from frontdesk.domain.bulk.model import Act, BulkChange

_DOING = {
    Act.ARCHIVE: "Archiving {}",
    Act.RESTORE: "Bringing {} back",
    Act.TAKE_OVER: "Leaving {} to people",
    Act.GIVE_BACK: "Letting the AI answer {} again",
    Act.ASSIGN: "Assigning {}",
    Act.ADD: "Adding {} to “{list}”",
    Act.SUPPRESS: "Barring {} for good",
}
_DONE = {
    Act.ARCHIVE: "archived",
    Act.RESTORE: "back in use",
    Act.TAKE_OVER: "left to people",
    Act.GIVE_BACK: "answered by the AI again",
    Act.ASSIGN: "assigned",
    Act.ADD: "added to “{list}”",
    Act.SUPPRESS: "never contacted again",
}


class ChangeView(Struct, frozen=True, kw_only=True):
    """A change of many leads as its page tells it."""

    change: BulkChange
    doing: str
    """What it is, while it is under way and as a heading."""
    outcome: str
    """What came of it so far, in a sentence or two."""

    @classmethod
    def of(cls, change: BulkChange, list_name: str = "") -> "ChangeView":
        """`list_name` is that of the list that the leads are added to."""
        if change.undoes is not None:
            return cls(
                change=change, doing=f"Undoing it for {_count(change.total)}", outcome=_undone(change, list_name)
            )
        doing = _DOING[change.act].format(_count(change.total), list=list_name)
        return cls(change=change, doing=doing, outcome=_outcome(change, list_name))


def done_words(act: Act, list_name: str = "") -> str:
    """What leads are that it was done with."""
    return _DONE[act].format(list=list_name)


def leads_are(count: int, verb: str = "") -> str:
    """`1 lead is`, `2 leads are`; or with another verb."""
    return f"{_count(count)} {verb or ('is' if count == 1 else 'are')}"


def _count(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"


def _outcome(change: BulkChange, list_name: str) -> str:
    rest = change.done - change.touched
    if not change.touched and rest:
        return "They were so already." if change.problem is None else ""
    said = f"{leads_are(change.touched)} {done_words(change.act, list_name)}."
    if not rest:
        return said
    if change.act is Act.ADD:
        return f"{said} {leads_are(rest)} in it already."
    also = ", or have no number" if change.act is Act.SUPPRESS else ""
    return f"{said} {rest:,} {'was' if rest == 1 else 'were'} so already{also}."


def _undone(change: BulkChange, list_name: str) -> str:
    kept = change.done - change.touched
    if change.act is Act.ADD:
        said = f"{leads_are(change.touched)} taken out of “{list_name}” again."
        stay = "was texted meanwhile, and stays" if kept == 1 else "were texted meanwhile, and stay"
    else:
        said = f"Undone for {_count(change.touched)}."
        stay = "has changed since, and stays" if kept == 1 else "have changed since, and stay"
    return f"{said} {_count(kept)} {stay}." if kept else said
