"""Processes that are killed in mid-campaign: the carrier has taken every text once, and no text is left in doubt."""

import asyncio
import random
from collections import Counter

import asyncpg
import pytest
from tests.end_to_end.business import Business, handsets
from tests.end_to_end.conftest import Found, Install
from tests.end_to_end.installation import Installation, Program
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("chaos")]

RECOVERY = 150.0
"""Seconds that killed processes may cost: leases and claims run out within half a minute."""


async def count(database: asyncpg.Connection, sql: str) -> int:
    return await database.fetchval(f"select count(*) from {sql}")


async def sent(database: asyncpg.Connection) -> int:
    """Texts of campaigns that the product knows to be with the carrier."""
    return await count(database, "messages where category in ('m1', 'm2') and status in ('sent', 'delivered')")


async def is_settled(database: asyncpg.Connection) -> bool:
    """Whether nothing is under way or in doubt, and the carrier owes no webhook."""
    return not await count(
        database, "messages where direction = 'outbound' and status not in ('delivered', 'failed', 'canceled')"
    ) and not await count(database, "sandbox_deliveries")


async def texts_taken(database: asyncpg.Connection) -> Counter[tuple[str, str, str]]:
    """How often the carrier took each text: (our number, the handset, the words)."""
    rows = await database.fetch("select number, handset, body from sandbox_messages where direction = 'outbound'")
    return Counter((row["number"], row["handset"], row["body"]) for row in rows)


async def kill_one(here: Installation, workers: list[Program], dice: random.Random) -> None:
    """Kill one of those that work, and start another in its place, which is not waited for."""

    def at_work() -> list[Program]:
        return [worker for worker in workers if "Working." in worker.said]

    await until(lambda: bool(at_work()), RECOVERY)
    victim = dice.choice(at_work())
    await victim.kill()
    workers[workers.index(victim)] = await here.start("worker")


@pytest.mark.parametrize("seed", [20261122])
async def test_killed_workers_lose_and_double_nothing(install: Install, found: Found, seed: int) -> None:
    here, dice = install(), random.Random(seed)
    api = await here.serve("api")
    workers = list(await asyncio.gather(*(here.worker() for _ in range(3))))
    numbers = handsets(80)
    us = [await found(here, f"Business {place}") for place in range(4)]
    async with here.database() as database:

        async def so_many(least: int) -> bool:
            return await sent(database) >= least

        for each in us:
            await each.fault("slow", rate=0.1)  # at any moment some texts are on their way to the carrier
            await each.fault("duplicate", rate=0.3)
            await each.campaign(numbers, rate_limit_messages_per_minute=400, m2_delay_hours=0.003, m3_delay_hours=1000)
        for moment in sorted(dice.sample(range(20, 580), 9)):
            await until(lambda moment=moment: so_many(moment), RECOVERY)
            await kill_one(here, workers, dice)
        await api.kill()  # the carrier's webhooks find nobody, and come again
        await here.serve("api")

        async def all_is_told() -> bool:
            return await sent(database) == 640 and await is_settled(database)

        await until(all_is_told, RECOVERY)
        taken = await texts_taken(database)
        assert [text for text, times in taken.items() if times > 1] == []
        per_lead = Counter((number, handset) for number, handset, _ in taken)
        assert per_lead == {(each.number, handset): 2 for each in us for handset in numbers}  # M1 and M2
        # The kills hit: some had been claimed by a worker that was never heard of again.
        assert await count(database, "messages where attempts > 1")
        assert await count(database, "dead_letters") == 0


async def answered(us: Business, number: str) -> bool:
    return [direction for direction, _ in await us.on_handset(number)][-1] == "outbound"


async def test_what_leads_write_survives_the_server_that_heard_it(install: Install, found: Found) -> None:
    here = install()
    api = await here.serve("api")
    workers = [await here.worker(), await here.worker()]
    numbers = handsets(12)
    us = await found(here)
    dataset_id = await us.campaign(numbers, m2_delay_hours=1000, ai_response_delay_seconds=2)

    async def all_have_m1() -> bool:
        return (await us.progress(dataset_id))["steps"]["m1"]["delivered"] == len(numbers)

    await until(all_have_m1, 60)
    await asyncio.gather(*(us.text(number, "How much does it cost?") for number in numbers))
    await asyncio.gather(api.kill(), workers[0].kill())
    await here.serve("api")

    async def all_are_answered() -> bool:
        return all([await answered(us, number) for number in numbers])

    await until(lambda: all_heard(us, numbers), RECOVERY)
    await workers[1].kill()
    await here.worker()
    await until(all_are_answered, RECOVERY)
    async with here.database() as database:
        await until(lambda: is_settled(database), RECOVERY)
        assert await count(database, "messages where direction = 'inbound'") == len(numbers)
        assert await count(database, "messages where category = 'ai_response'") == len(numbers)
        assert set((await texts_taken(database)).values()) == {1}


async def all_heard(us: Business, numbers: list[str]) -> bool:
    leads = (await us.get("leads", limit=100))["leads"]
    return sum(lead["latest_lead_reply"] is not None for lead in leads) == len(numbers)


async def test_up_is_killed_and_goes_on_where_it_was(install: Install, found: Found) -> None:
    here: Installation = install()
    up = await here.serve("up")
    numbers = handsets(60)
    us = await found(here)
    await us.fault("slow", rate=0.3)
    dataset_id = await us.campaign(numbers, rate_limit_messages_per_minute=300, m2_delay_hours=1000)
    for most in (10, 30, 50):

        async def so_many(most: int = most) -> bool:
            return (await us.progress(dataset_id))["steps"]["m1"]["sent"] >= most

        await until(so_many, RECOVERY)
        await up.kill()
        assert here.serves(), "the database outlives it"
        up = await here.serve("up")
    async with here.database() as database:

        async def all_is_told() -> bool:
            return await sent(database) == len(numbers) and await is_settled(database)

        await until(all_is_told, RECOVERY)
        taken = await texts_taken(database)
    assert set(taken.values()) == {1}
    assert {handset for _, handset, _ in taken} == set(numbers)
    assert await up.stop() == 0
    assert not here.serves()
