"""Claims and suppressions at once, in the order in which the database committed them."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.fixtures.business import RememberingCarrier
from tests.fixtures.database import KEYED
from tests.fixtures.organizations import Organization, make_organization

from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.service import sending as campaign_sending
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability import store
from frontdesk.domain.conversations.service import inbound, sending
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import DomainError
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import PooledConnections, Work, Works, connect

pytestmark = pytest.mark.committed

PHONES = [f"+4477009004{place:02}" for place in range(6)]

IN_ORDER = """
    create table commit_order (n bigint generated always as identity, what text not null, phone text not null);
    grant select, insert on commit_order to frontdesk_app;
    -- Runs at the commit, and one at a time until it is done: the numbers are the order of the commits.
    create function note_commit() returns trigger language plpgsql as $$
    begin
        perform pg_advisory_xact_lock(42);
        insert into commit_order (what, phone) values (
            case when tg_table_name = 'messages' then 'claimed'
                when to_jsonb(new)->>'lifted_at' is null then 'suppressed' else 'lifted' end,
            case when tg_table_name = 'messages' then to_jsonb(new)->>'recipient' else to_jsonb(new)->>'phone' end);
        return null;
    end $$;
    create constraint trigger note_commit after insert or update on suppressions deferrable initially deferred
        for each row execute function note_commit();
    create constraint trigger note_commit after insert or update on messages deferrable initially deferred
        for each row when (new.status = 'sending' and new.category <> 'system') execute function note_commit();"""


async def test_no_claim_commits_after_the_suppression_of_its_number_did(
    committed_database: str, context: Context, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(9)
    look = store.suppressed

    async def look_and_dawdle(work: Work, phones: list[str]) -> set[str]:
        found = await look(work, phones)
        await asyncio.sleep(chance.random() / 50)  # where a suppression would slip in, if it could
        return found

    monkeypatch.setattr(store, "suppressed", look_and_dawdle)
    owner = await connect(committed_database)
    pooled = await PooledConnections.open(committed_database, size=14)
    try:
        await owner.execute(IN_ORDER)
        works = Works(pooled, clock, KEYED)
        world = replace(context, works=works, carriers={"sandbox": RememberingCarrier()})
        org = await make_organization(works, "Acme Kitchens", "+447700900001")
        await _storm(world, org, clock, chance)
        order = [(row["what"], row["phone"]) for row in await owner.fetch("select * from commit_order order by n")]
        faults = [verdict.fault for verdict in await contactability.verify(works, org.id)]
    finally:
        await pooled.close()
        await owner.close()
    barred: set[str] = set()
    for place, (what, phone) in enumerate(order):
        if what == "claimed":
            assert phone not in barred, f"commit {place}: claimed after the suppression"
        else:
            (barred.add if what == "suppressed" else barred.discard)(phone)
    kinds = [what for what, _ in order]
    assert min(kinds.count("claimed"), kinds.count("suppressed"), kinds.count("lifted")) >= 5, "hardly a race"
    assert faults == [None], "the consent log forked"


async def _storm(context: Context, org: Organization, clock: FrozenClock, chance: random.Random) -> None:
    """People, handsets and campaign workers at the same six numbers."""
    leads = [new_id() for _ in PHONES]
    async with context.works.begin(org.actor) as work:
        await work.execute("update organizations set daily_cap = 100, weekly_cap = 500")
        lists = [(await datasets.create(work, f"List {place}")).id for place in range(12)]
        for lead_id, phone in zip(leads, PHONES, strict=True):
            await work.execute(
                "insert into leads (org_id, id, phone, created_at, updated_at) values ($1, $2, $3, $4, $4)",
                org.id, lead_id, phone, work.now,
            )  # fmt: skip
            await work.execute(
                """insert into lead_identities (org_id, kind, value, lead_id, created_at)
                   values ($1, 'phone', $2, $3, $4)""",
                org.id, phone, lead_id, work.now,
            )  # fmt: skip
        for place, dataset_id in enumerate(lists):
            await work.execute(
                "insert into dataset_leads (org_id, dataset_id, lead_id, created_at) values ($1, $2, $3, $4)",
                org.id, dataset_id, leads[place % len(leads)], work.now,
            )  # fmt: skip
            quick = SettingsChange(rate_per_minute=6000, m2_delay_hours=0.001, m3_delay_hours=0.001)
            await campaigns.start(work, dataset_id, quick)

    async def by_hand(place: int) -> None:
        await sending.send_by_hand(context, org.actor, leads[place], "Hello, it is Olive.")

    async def text(place: int, words: str) -> None:
        await inbound.receive(context, org.number, PHONES[place], words, "sandbox", f"IN{new_id().hex}")

    async def suppress(place: int) -> None:
        async with context.works.begin(org.actor) as work:
            await contactability.suppress_number(work, PHONES[place], "rang us")

    async def lift(place: int) -> None:
        async with context.works.begin(org.actor) as work:
            await contactability.lift_by_hand(work, PHONES[place], "rang us again")

    async def campaign(_place: int) -> None:
        await campaign_sending.run_due(context)

    acts: list[Callable[[int], Awaitable[Any]]] = [
        by_hand, by_hand, by_hand, campaign, suppress, lift, lift, lambda place: text(place, "STOP"),
        lambda place: text(place, "please stop texting me"), lambda place: text(place, "START"),
    ]  # fmt: skip

    async def busy(act: Callable[[int], Awaitable[Any]]) -> None:
        for _ in range(8):
            with contextlib.suppress(DomainError):
                await act(chance.randrange(len(PHONES)))

    for _ in range(3):
        await asyncio.gather(*map(busy, acts))
        clock.move(timedelta(seconds=10))
