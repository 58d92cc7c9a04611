"""Processes that are killed in mid-campaign: the carrier has taken every text once, and no text is left in doubt."""

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import pytest
from tests.end_to_end.business import Business, handsets
from tests.end_to_end.conftest import Found, Install
from tests.end_to_end.installation import Installation, Program
from tests.fixtures.waiting import until

T = TypeVar("T")
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


class Ledger:
    """Looks into the installation's database, which may be away for a while."""

    def __init__(self, here: Installation) -> None:
        self.here = here

    async def look(self, question: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """The answer, as soon as the database gives one."""
        given: list[T] = []

        async def has_answered() -> bool:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                async with self.here.database() as database:
                    given.append(await question(database))
            return bool(given)

        await until(has_answered, RECOVERY)
        return given[0]


def many_handsets(count: int) -> list[str]:
    """That many numbers where it is day now: of the sandbox, where any number may be a handset."""
    [one] = handsets(1)
    first = f"{one[:5]}2000000" if one.startswith("+1") else "+447810000000"
    return [f"+{int(first) + place}" for place in range(count)]


async def test_2000_leads_get_one_text_each_whatever_dies(install: Install, found: Found) -> None:
    """Three workers of which one or another is killed all the time, the web side too, a database that is stopped and
    then crashes, and a carrier with a brown-out."""
    here, dice = install(), random.Random(20261122)
    api = await here.serve("api")
    workers = list(await asyncio.gather(*(here.worker() for _ in range(3))))
    numbers = many_handsets(2000)
    us = await found(here, "Big Business")
    ledger = Ledger(here)

    async def so_many(least: int) -> bool:
        return await ledger.look(sent) >= least

    await us.fault("slow", rate=0.05)  # at any moment some texts are on their way to the carrier
    await us.fault("duplicate", rate=0.2)
    dataset_id = await us.campaign(numbers, m2_delay_hours=1000)
    stops = {3: signal.SIGINT, 6: signal.SIGQUIT}
    for turn, moment in enumerate(sorted(dice.sample(range(20, 1900), 9))):
        await until(lambda moment=moment: so_many(moment), RECOVERY)
        if turn == 5:
            await us.fault("brownout", rate=0.8, seconds=5)
        if turn in stops:
            here.strike_database(stops[turn])
        await kill_one(here, workers, dice)
    await api.kill()  # the carrier's webhooks find nobody, and come again
    await here.serve("api")

    async def all_is_told(database: asyncpg.Connection) -> bool:
        return await sent(database) == len(numbers) and await is_settled(database)

    await until(lambda: ledger.look(all_is_told), RECOVERY)
    taken = await ledger.look(texts_taken)
    assert [text for text, times in taken.items() if times > 1] == [], "sent twice"
    assert {handset for _, handset, _ in taken} == set(numbers), "lost, or sent to somebody else"
    m1 = (await us.progress(dataset_id))["steps"]["m1"]
    assert m1 == {"waiting": 0, "sent": 2000, "delivered": 2000, "failed": 0, "unknown": 0}
    # The kills hit: some had been claimed by a worker that was never heard of again.
    assert await ledger.look(lambda database: count(database, "messages where attempts > 1"))
    assert await ledger.look(lambda database: count(database, "dead_letters")) == 0


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
    pace = {"rate_limit_messages_per_minute": 600, "m2_delay_hours": 0.001, "m3_delay_hours": 1000}
    dataset_id = await us.campaign(numbers, **pace)
    for most in (20, 60, 100):

        async def so_many(most: int = most) -> bool:
            steps = (await us.progress(dataset_id))["steps"]
            return steps["m1"]["sent"] + steps["m2"]["sent"] >= most

        await until(so_many, RECOVERY)
        await up.kill()
        assert here.serves(), "the database outlives it"
        up = await here.serve("up")
    async with here.database() as database:

        async def all_is_told() -> bool:
            return await sent(database) == 2 * len(numbers) and await is_settled(database)

        await until(all_is_told, RECOVERY)
        taken = await texts_taken(database)
    assert set(taken.values()) == {1}
    assert Counter(handset for _, handset, _ in taken) == dict.fromkeys(numbers, 2)  # M1 and M2
    assert await up.stop() == 0
    assert not here.serves()
