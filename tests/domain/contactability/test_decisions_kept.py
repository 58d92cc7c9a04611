"""How long decisions of the gate are kept, and that old ones are found by their index."""

from datetime import timedelta

from tests.fixtures.organizations import Organization

from frontdesk.domain.contactability import service as contactability
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works


async def decided(works: Works, org: Organization, days_ago: int, *, allowed: bool) -> None:
    async with works.begin(org.actor) as work:
        await work.execute(
            """insert into gate_decisions (org_id, id, phone, category, allowed, reason, decided_at)
               values ($1, $2, '+447700900123', 'm1', $3, $4, $5)""",
            org.id, new_id(), allowed, f"{days_ago}", work.now - timedelta(days=days_ago),
        )  # fmt: skip


async def kept(works: Works, org: Organization) -> set[str]:
    async with works.begin(org.actor) as work:
        return {row["reason"] for row in await work.fetch("select reason from gate_decisions")}


async def test_old_decisions_go_and_refusals_stay_longer(works: Works, org: Organization, other_org: Organization):
    for days, allowed in ((89, True), (91, True), (399, False), (401, False)):
        await decided(works, org, days, allowed=allowed)
        await decided(works, other_org, days, allowed=allowed)
    async with works.begin(other_org.actor) as work:
        await work.execute("update organizations set decisions_kept_days = 60")
    assert await contactability.forget_decisions(works) == 2 + 4
    assert await kept(works, org) == {"89", "399"}
    assert await kept(works, other_org) == set()


async def test_old_decisions_are_found_by_their_age(works: Works, org: Organization, clock: FrozenClock):
    async with works.across_tenants("tests") as work:
        await work.execute("set local enable_seqscan = off")
        plan = await work.fetch(
            """explain select org_id, id from gate_decisions
               where org_id = $1 and allowed = true and decided_at < $2 order by decided_at limit 10""",
            org.id, clock.now(),
        )  # fmt: skip
    text = " ".join(row[0] for row in plan)
    assert "gate_decisions_age" in text
    assert "Sort" not in text
