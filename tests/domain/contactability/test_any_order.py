"""Whatever happens in whatever order: nobody is written to who must not be, when they must not be, or twice."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from tests.fixtures.business import RememberingCarrier
from tests.fixtures.nested import NestedConnections
from tests.fixtures.organizations import Organization, make_organization

from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.service import sending as campaign_sending
from frontdesk.domain.contactability import consent_store
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.consent import fault_of, fault_of_end, number_digest
from frontdesk.domain.conversations.service import delivery, inbound, replies, sending
from frontdesk.domain.leads.service import datasets, imports, leads
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import DomainError
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.ports.carrier import Busy, OutgoingText, Receipt, Uncertain

PEOPLE = {
    "+447700900301": ("SW1A 1AA", ["Europe/London"]),
    "+447700900302": ("V6B 1A1", ["Europe/London", "America/Vancouver"]),
    "+12125550101": ("", ["America/New_York"]),
    "+13235550111": ("", ["America/Los_Angeles"]),
    "+64211234567": ("no idea", ["Pacific/Auckland", "Pacific/Chatham"]),
}
"""Numbers with their postcodes, and where their owners may be: told here once more, by hand."""
PHONES = list(PEOPLE)
NIGHTS = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 28), (4, 4), (9, 26), (10, 24), (10, 31))
]
"""Days before nights on which clocks change somewhere."""
CAPS = (1, 2)
"""Campaign texts that a number may get in a day and in a week."""

WORDS = [
    "yes tell me more", "who is this?", "can you call me tomorrow", "not interested", "STOP", "stop", "START",
    "please stop texting me", "take me off your list", "wrong number mate", "HELP",
]  # fmt: skip

who = st.integers(0, len(PHONES) - 1)
which = st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("import_"), which, st.sets(who, min_size=1)),
    st.tuples(st.just("start"), which),
    st.tuples(st.just("pause"), which),
    st.tuples(st.just("resume"), which),
    *[st.tuples(st.just("move"), st.sampled_from([3, 14, 45, 240, 700, 1500])) for _ in range(3)],
    *[st.tuples(st.just("work")) for _ in range(4)],
    st.tuples(st.just("trouble"), st.sampled_from(["busy", "lost"])),
    *[st.tuples(st.just("text"), who, st.sampled_from(WORDS)) for _ in range(3)],
    st.tuples(st.just("by_hand"), who),
    *[st.tuples(st.just("text"), who, st.sampled_from(["STOP", "START"])) for _ in range(2)],
    *[st.tuples(st.just("manual"), who, st.sampled_from([True, True, False])) for _ in range(2)],
    st.tuples(st.just("suppress"), who),
    st.tuples(st.just("lift"), who),
)


class Before(Struct, frozen=True):
    """How things stood before a step."""

    suppressed: frozenset[str]
    replied: frozenset[str]
    manual: frozenset[str]
    running: frozenset[UUID]


class Sent(Struct, frozen=True):
    """A text that the carrier took, and how things stood."""

    text: OutgoingText
    at: datetime
    before: Before
    lifting: bool


class World(RememberingCarrier):
    """An organisation with two datasets, on a clock; and its carrier."""

    def __init__(self, context: Context, clock: FrozenClock, org: Organization, lists: list[UUID]) -> None:
        super().__init__()
        self.context = Context(**{**vars(context), "carriers": {"sandbox": self}})
        self.clock, self.org, self.lists = clock, org, lists
        self.sent: list[Sent] = []
        self.standing, self.lifting = Before(*[frozenset[Any]()] * 4), False

    async def send(self, text: OutgoingText) -> Receipt:
        count = len(self.taken)
        try:
            return await super().send(text)
        finally:
            if len(self.taken) > count:
                self.sent.append(Sent(text, self.clock.now(), self.standing, self.lifting))

    async def step(self, name: str, *args: Any) -> None:
        """Do one thing; what the product refuses is not done."""
        self.standing = await self._look()
        self.lifting = name == "lift" or "START" in args
        with contextlib.suppress(DomainError):
            await getattr(self, name)(*args)

    async def _look(self) -> Before:
        async with self.context.works.begin(self.org.actor) as work:

            async def those(sql: str) -> frozenset[Any]:
                return frozenset([row[0] for row in await work.fetch(sql)])

            return Before(
                await those("select phone from suppressions where lifted_at is null"),
                await those("select sender from messages where direction = 'inbound'"),
                await those("select phone from leads where manual_mode"),
                await those("select id from datasets where campaign_status = 'active'"),
            )

    async def import_(self, dataset: int, people: set[int]) -> None:
        async def file() -> AsyncIterator[bytes]:
            rows = [f"Al,{PHONES[one]},{PEOPLE[PHONES[one]][0]}" for one in sorted(people)]
            yield "\n".join(["name,phone,postcode", *rows]).encode()

        upload = await imports.upload(self.context, self.org.actor, "leads.csv", file())
        mapping = {"first_name": "name", "phone_number": "phone", "postcode": "postcode"}
        quick = SettingsChange(rate_per_minute=6000, m2_delay_hours=1, m3_delay_hours=2, ai_response_delay_seconds=0)
        await campaigns.import_leads(self.context, self.org.actor, upload.id, self.lists[dataset], mapping, quick)

    async def start(self, dataset: int) -> None:
        async with self.context.works.begin(self.org.actor) as work:
            await campaigns.start(work, self.lists[dataset])

    async def pause(self, dataset: int) -> None:
        async with self.context.works.begin(self.org.actor) as work:
            await campaigns.pause(work, self.lists[dataset])

    async def resume(self, dataset: int) -> None:
        async with self.context.works.begin(self.org.actor) as work:
            await campaigns.resume(work, self.lists[dataset])

    async def move(self, minutes: int) -> None:
        self.clock.move(timedelta(minutes=minutes))

    async def work(self) -> None:
        """Two workers at everything that is due."""
        await asyncio.gather(*[campaign_sending.run_due(self.context) for _ in range(2)])
        await asyncio.gather(*[replies.process_pending(self.context) for _ in range(2)])
        await asyncio.gather(*[delivery.send_waiting(self.context) for _ in range(2)])
        await delivery.reconcile(self.context)

    async def trouble(self, kind: str) -> None:
        self.fail_with = [Busy(1)] if kind == "busy" else [Uncertain()]
        self.lost = kind == "lost"

    async def text(self, person: int, words: str) -> None:
        await inbound.receive(self.context, self.org.number, PHONES[person], words, "sandbox", f"IN{new_id().hex}")

    async def by_hand(self, person: int) -> None:
        await sending.send_by_hand(self.context, self.org.actor, await self._lead(person), "Hello, it is Olive.")

    async def manual(self, person: int, on: bool) -> None:
        lead_id = await self._lead(person)
        async with self.context.works.begin(self.org.actor) as work:
            await leads.set_manual_mode(work, lead_id, on)

    async def suppress(self, person: int) -> None:
        async with self.context.works.begin(self.org.actor) as work:
            await contactability.suppress_number(work, PHONES[person], "rang us")

    async def lift(self, person: int) -> None:
        async with self.context.works.begin(self.org.actor) as work:
            await contactability.lift_by_hand(work, PHONES[person], "rang us again")

    async def _lead(self, person: int) -> UUID:
        async with self.context.works.begin(self.org.actor) as work:
            lead = await leads.of_phone(work, PHONES[person])
        return lead.id if lead else UUID(int=0)


@settings(
    max_examples=10,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(night=st.sampled_from(NIGHTS), hour=st.integers(0, 23), steps=st.lists(STEPS, min_size=30, max_size=45))
async def test_whatever_happens_nobody_is_written_to_who_must_not_be(
    night: datetime, hour: int, steps: list[tuple[Any, ...]],
    context: Context, clock: FrozenClock, connections: NestedConnections, test_connection: asyncpg.Connection,
) -> None:  # fmt: skip
    del connections
    await test_connection.execute("savepoint example")
    try:
        clock.move(night + timedelta(hours=hour) - clock.now())
        org = await make_organization(context.works, "Acme Kitchens", "+447700900001")
        async with context.works.begin(org.actor) as work:
            await work.execute("update organizations set daily_cap = $1, weekly_cap = $2", *CAPS)
            lists = [(await datasets.create(work, name)).id for name in ("Old", "Older")]
        world = World(context, clock, org, lists)
        for number in (0, 1):  # a campaign or two run already
            await world.step("import_", number, {number, 2, 3})
            await world.step("start", number)
        for name, *args in [*steps, ("work",), ("move", 700), ("work",)]:
            await world.step(name, *args)
        await _check(world)
    finally:
        await test_connection.execute("rollback to savepoint example; release savepoint example")


class Kept(Struct, frozen=True):
    """A message as the database has it."""

    category: str
    lead_id: UUID
    dataset_id: UUID | None
    action: str | None


async def _check(world: World) -> None:
    async with world.context.works.begin(world.org.actor) as work:
        rows = await work.fetch("select id, category, lead_id, dataset_id, ai_action as action from messages")
        kept = {row["id"]: Kept(row["category"], row["lead_id"], row["dataset_id"], row["action"]) for row in rows}
        heard: dict[str, list[datetime]] = {}
        for row in await work.fetch("select sender, created_at from messages where direction = 'inbound'"):
            heard.setdefault(row["sender"], []).append(row["created_at"])
        stops = Counter[str](
            [row[0] for row in await work.fetch("select subject from consent_log where kind = 'suppressed'")]
        )
        digest = {phone: number_digest(work.keyed, world.org.id, phone) for phone in PHONES}
        await _chain_is_whole(work, world)
    references = [sent.text.reference for sent in world.sent]
    assert len(set(references)) == len(references), "a message was handed over twice"
    steps = Counter[Any]()
    confirmed = Counter[str]()
    unasked: dict[str, list[datetime]] = {}
    for sent in world.sent:
        message, phone, before = kept[sent.text.reference], sent.text.to, sent.before
        confirms = message.action == delivery.CONFIRM_OPT_OUT
        confirmed[phone] += confirms
        campaign = message.category in ("m1", "m2", "m3")
        if not confirms:
            assert sent.lifting or phone not in before.suppressed, f"{message.category} after a suppression"
        if campaign:
            steps[message.lead_id, message.dataset_id, message.category] += 1
            assert phone not in before.replied, "a campaign text to somebody who had replied"
            assert phone not in before.manual, "a campaign text to somebody whom a person has"
            assert message.dataset_id in before.running, "a text of a campaign that did not run"
            unasked.setdefault(phone, []).append(sent.at)
        if message.category != "system":
            patience = {"ai_response": timedelta(minutes=15), "human_manual": timedelta(hours=24)}
            young = any(
                sent.at - patience[message.category] < at <= sent.at
                for at in heard.get(phone, [])
                if message.category in patience
            )
            local = [sent.at.astimezone(ZoneInfo(zone)).time() for zone in PEOPLE[phone][1]]
            assert young or all(time(8) <= each < time(21) for each in local), f"{message.category} at {local}"
    assert all(count == 1 for count in steps.values()), "a step was sent twice to one lead"
    for phone in PHONES:
        assert confirmed[phone] <= stops[digest[phone]], "more confirmations than suppressions"
    for times in unasked.values():
        for at in times:
            assert sum(at - timedelta(hours=24) < one <= at for one in times) <= CAPS[0], "more than the daily cap"
            assert sum(at - timedelta(days=7) < one <= at for one in times) <= CAPS[1], "more than the weekly cap"


async def _chain_is_whole(work: Any, world: World) -> None:
    last = None
    async for entry, numbers in consent_store.entries(work):
        assert fault_of(work.keyed, world.org.id, last, entry, numbers) is None
        last = entry
    assert fault_of_end(work.keyed, world.org.id, last, await consent_store.head(work)) is None
