"""The demo organisation of `up --demo`: somebody to sign in as, knowledge, and leads who live where it is day."""

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from frontdesk.demo.files import upload_of
from frontdesk.domain.agents import service as agents
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import NewUser
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Role
from frontdesk.runtime import Runtime


class DemoAccount(Struct, frozen=True):
    """Whom to sign in as."""

    email: str
    password: str
    user_id: UUID
    org_id: UUID

    @property
    def actor(self) -> Actor:
        """The account at work."""
        return Actor(
            type=ActorType.USER, id=self.user_id, org_id=self.org_id, role=Role.OWNER,
            permissions=PERMISSIONS_OF[Role.OWNER], email=self.email,
        )  # fmt: skip


FACTS = {
    "Opening hours": "The showroom is open Monday to Friday from 9am to 5pm.",
    "What a kitchen costs": "A fitted kitchen with us starts at about 8,000 pounds. "
    "The price depends on size, worktop and appliances, so we quote after a free home visit.",
    "How long it takes": "From the first visit to a finished kitchen usually takes six to eight weeks.",
    "Finance": "You can pay over 12 or 24 months with no interest, subject to status.",
    "Guarantee": "All fitting is guaranteed for ten years.",
    "Area": "We work within 40 miles of Portsmouth.",
}

_PEOPLE = [
    ("Dana", "Whitfield", "a new kitchen"), ("Marcus", "Oyelaran", "kitchen worktops"),
    ("Priya", "Raman", "a fitted kitchen"), ("Tom", "Ashdown", "a kitchen island"),
    ("Elif", "Kaya", "a new kitchen"), ("Grace", "Mbeki", "new cabinet doors"),
    ("Owen", "Pritchard", "a kitchen extension"), ("Sofia", "Marchetti", "a fitted kitchen"),
    ("Liam", "Donnelly", "kitchen flooring"), ("Hannah", "Berg", "a new kitchen"),
    ("", "", "a kitchen quote"), ("Zoë", "Lindqvist", "a pantry"),
]  # fmt: skip

_DAY_PREFIXES = (
    ("Europe/London", "+447700900{:03}"),
    ("America/New_York", "+121255501{:02}"),
    ("America/Los_Angeles", "+121355501{:02}"),
    ("Pacific/Honolulu", "+180855501{:02}"),
    ("Pacific/Guam", "+167155501{:02}"),
)
"""Fictional numbers around the world: at any hour it is day for one of them."""


def day_number(at: datetime, place: int) -> str:
    """A fictional number in a zone in which it is day at `at`, with some hours of it left where that can be had."""

    def daylight(zone: str) -> timedelta:
        local = at.astimezone(ZoneInfo(zone))
        closes = local.replace(hour=21, minute=0, second=0, microsecond=0)
        return closes - local if 8 <= local.hour < 21 else timedelta(0)

    enough = timedelta(hours=3)
    zone, prefix = max(_DAY_PREFIXES, key=lambda entry: (min(daylight(entry[0]), enough), entry[0] == "Europe/London"))
    assert zone
    return prefix.format(100 + place if prefix.endswith("{:03}") else place)


async def ensure(runtime: Runtime) -> DemoAccount:
    """The demo account of this data directory, made with its organisation the first time."""
    kept = runtime.settings.data_dir / "demo.json"
    if kept.is_file():
        return msgspec.json.decode(kept.read_bytes(), type=DemoAccount)
    account = await make(runtime, "demo@frontdesk.example", "Harbour Kitchens")
    await _old_enquiries(runtime, account)
    _keep(kept, account)
    return account


def _keep(path: Path, account: DemoAccount) -> None:
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(account))


async def make(runtime: Runtime, email: str, company: str) -> DemoAccount:
    """A demo account with an organisation that knows something."""
    password = secrets.token_urlsafe(9)
    new = NewUser(
        email=email, password=password, first_name="Demo", last_name="Owner",
        metadata={"company_name": company}, email_verified=True,
    )  # fmt: skip
    signed_up = await identity.sign_up(runtime.context, runtime.realm, new)
    assert signed_up.tokens is not None
    assert signed_up.tokens.org_id is not None
    account = DemoAccount(email, password, signed_up.user.id, signed_up.tokens.org_id)
    async with runtime.context.works.begin(account.actor) as work:
        for title, body in FACTS.items():
            await agents.save_fact(work, None, title, body)
    return account


async def _old_enquiries(runtime: Runtime, account: DemoAccount) -> None:
    rows = ["First Name,Last Name,Mobile,Enquiry,Enquiry Date"]
    now = runtime.context.works.clock.now()
    for place, (first, last, interest) in enumerate(_PEOPLE):
        asked = datetime(2024, 1 + place % 12, 5 + place, tzinfo=UTC).date().isoformat()
        rows.append(f"{first},{last},{day_number(now, place)},{interest},{asked}")
    actor = account.actor
    async with runtime.context.works.begin(actor) as work:
        dataset = await datasets.create(work, "Enquiries of 2024", "Asked for a quote and went quiet.")
    upload = await upload_of(runtime.context, actor, "enquiries-2024.csv", "\n".join(rows).encode())
    mapping = {
        "first_name": "First Name", "last_name": "Last Name", "phone_number": "Mobile",
        "service_interest": "Enquiry", "inquiry_date": "Enquiry Date",
    }  # fmt: skip
    # A minute is long when one looks on.
    settings = campaigns.SettingsChange(ai_response_delay_seconds=5, rate_per_minute=20)
    await campaigns.import_leads(runtime.context, actor, upload.id, dataset.id, mapping, settings)
