"""The phrases that tell a lead's intent, by theme. Data only; the form of the tables is told in `cues`."""

from frontdesk.adapters.offline.cues import Row
from frontdesk.adapters.offline.phrases import asking, calling, mischief, persons, refusing, waiting, wanting

ALL: tuple[Row, ...] = (
    *refusing.ROWS, *persons.ROWS, *asking.ROWS, *calling.ROWS, *wanting.ROWS, *waiting.ROWS, *mischief.ROWS,
)  # fmt: skip
