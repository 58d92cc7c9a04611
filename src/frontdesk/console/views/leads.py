"""The list of leads and its address, and a lead's form and history, as pages show them. Pure; no I/O."""

from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from frontdesk.domain.leads.model import ContactStatus, LeadChange, LeadFilter, LeadSort, Sentiment
from frontdesk.kernel.ids import parse_id
from frontdesk.ports.llm import Slot

PER_PAGE = 50
LAST_PAGE = 20_000
"""Beyond a million leads nobody turns pages."""

_FIRST_WAY = {LeadSort.NAME: False, LeadSort.STATUS: False}


class LeadQuery(Struct, frozen=True, kw_only=True):
    """What the list shows, as its address says it. Whatever the address has that cannot be is left out."""

    q: str = ""
    status: ContactStatus | None = None
    dataset: UUID | None = None
    sentiment: Sentiment | None = None
    show: str = ""
    """Nothing: those in use; archived; all."""
    ai: str = ""
    """Nothing: both; on: those the AI answers; off: those left to people."""
    who: UUID | None = None
    """Whom it is assigned to."""
    sort: LeadSort = LeadSort.CREATED
    descending: bool = True
    page: int = 1

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "LeadQuery":
        """From the query string."""
        status, sentiment, sort = params.get("status", ""), params.get("sentiment", ""), params.get("sort", "")
        by = LeadSort(sort) if sort in set(LeadSort) else LeadSort.CREATED
        way, page = params.get("way", ""), params.get("page", "")
        return cls(
            q=params.get("q", "").replace("\0", "").strip()[:100],
            status=ContactStatus(status) if status in set(ContactStatus) else None,
            dataset=parse_id(params.get("dataset", "")),
            sentiment=Sentiment(sentiment) if sentiment in set(Sentiment) else None,
            show=params["show"] if params.get("show") in ("archived", "all") else "",
            ai=params["ai"] if params.get("ai") in ("on", "off") else "",
            who=parse_id(params.get("who", "")),
            sort=by,
            descending=way == "down" if way in ("up", "down") else _FIRST_WAY.get(by, True),
            page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the usual is asked for."""
        return bool(self.q or self.status or self.dataset or self.sentiment or self.show or self.ai or self.who)

    def filter(self) -> LeadFilter:
        """As the domain asks for it."""
        return LeadFilter(
            dataset_id=self.dataset,
            status=self.status,
            sentiment=self.sentiment,
            search=self.q,
            archived={"": False, "archived": True}.get(self.show),
            manual_mode={"on": False, "off": True}.get(self.ai),
            assigned_to=self.who,
            page=self.page,
            limit=PER_PAGE,
            sort=self.sort,
            descending=self.descending,
        )

    def turned_to(self, page: int) -> str:
        """The address of a page of the same list."""
        return _address(structs.replace(self, page=page))

    @property
    def everywhere(self) -> str:
        """The address of the same among the archived too."""
        return _address(structs.replace(self, show="all", page=1))

    @property
    def export(self) -> str:
        """The address of the same as a file."""
        return _address(structs.replace(self, page=1)).replace("/console/leads", "/console/leads/export.csv", 1)

    def sorted_by(self, sort: str) -> str:
        """The address of the list sorted by `sort`, the other way round if it is so already."""
        by = LeadSort(sort)
        down = not self.descending if by is self.sort else _FIRST_WAY.get(by, True)
        return _address(structs.replace(self, sort=by, descending=down, page=1))

    def order_of(self, sort: str) -> str:
        """`aria-sort` of a column, or nothing."""
        if self.sort != sort:
            return ""
        return "descending" if self.descending else "ascending"


def _address(wanted: LeadQuery) -> str:
    usual = LeadQuery()
    said = {
        "q": wanted.q,
        "status": wanted.status.value if wanted.status else "",
        "dataset": str(wanted.dataset) if wanted.dataset else "",
        "sentiment": wanted.sentiment.value if wanted.sentiment else "",
        "show": wanted.show,
        "ai": wanted.ai,
        "who": str(wanted.who) if wanted.who else "",
    }
    if (wanted.sort, wanted.descending) != (usual.sort, usual.descending):
        said |= {"sort": wanted.sort.value, "way": "down" if wanted.descending else "up"}
    if wanted.page > 1:
        said["page"] = str(wanted.page)
    told = urlencode({name: value for name, value in said.items() if value})
    return f"/console/leads?{told}" if told else "/console/leads"


_TEXTS = ("first_name", "last_name", "email", "postcode", "notes")
FORM_FIELDS = (*_TEXTS, "sentiment", "assigned_to")
"""What the lead's form has."""


def lead_change(typed: Callable[[str], str]) -> LeadChange:
    """The change that the lead's form asks for: of all its fields, the empty ones emptied."""
    texts = {name: typed(name).replace("\r\n", "\n") for name in _TEXTS}
    sentiment = typed("sentiment")
    return LeadChange(
        first_name=texts["first_name"],
        last_name=texts["last_name"] or None,
        email=texts["email"] or None,
        postcode=texts["postcode"] or None,
        notes=texts["notes"] or None,
        sentiment=Sentiment(sentiment) if sentiment in set(Sentiment) else None,
        assigned_to=parse_id(typed("assigned_to")),
    )


class SlotDay(Struct, frozen=True):
    """The free times of a local day."""

    day: str
    short: str
    times: list[tuple[str, str]]
    """The instant as ISO, and HH:MM in the zone."""


def slots_by_day(slots: list[Slot], zone: ZoneInfo) -> list[SlotDay]:
    """Free times under their local days, in order."""
    days: dict[date, list[tuple[str, str]]] = {}
    for slot in slots:
        local = slot.start.astimezone(zone)
        days.setdefault(local.date(), []).append((slot.start.isoformat(), f"{local:%H:%M}"))
    return [
        SlotDay(f"{day:%A} {day.day} {day:%B}", f"{day:%a} {day.day} {day:%b}", times) for day, times in days.items()
    ]
