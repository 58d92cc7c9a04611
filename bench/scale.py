"""Whether the lead list stays as quick when an organisation grows: 10,000, 100,000 and 1,000,000 leads in one."""

import time
from statistics import median

from msgspec import Struct

from bench.people import add_leads, phone_of
from bench.stand import Stand, Tenant
from frontdesk.domain.leads.model import ContactStatus, LeadFilter
from frontdesk.domain.leads.service import leads


class Timing(Struct, frozen=True):
    """The median milliseconds of a query of the list's service, the database's round trips included, by size."""

    name: str
    ms: dict[int, float]
    first_ms: dict[int, float]
    """The first time that it was asked."""

    @property
    def growth(self) -> float:
        """The largest organisation's median in those of the smallest."""
        return self.ms[max(self.ms)] / self.ms[min(self.ms)]


async def queries(stand: Stand, tenant: Tenant, size: int) -> list[tuple[str, LeadFilter]]:
    """What is asked of an organisation of that size: the same of each, and whoever is searched for is there."""
    newest = tenant.dataset_ids[-1]
    someone = phone_of(size // 2)
    row = await stand.admin.fetchrow(
        """select email, last_name from leads
           where org_id = $1 and email is not null and phone >= $2 order by phone limit 1""",
        tenant.org_id, someone,
    )  # fmt: skip
    assert row is not None
    email, last_name = str(row["email"]), str(row["last_name"])
    return [
        ("first page", LeadFilter()),
        ("by status", LeadFilter(status=ContactStatus.CONTACTED_1)),
        ("by dataset", LeadFilter(dataset_id=newest)),
        ("by the oldest dataset", LeadFilter(dataset_id=tenant.dataset_ids[0])),
        ("its last page", LeadFilter(dataset_id=tenant.dataset_ids[0], page=size // len(tenant.dataset_ids) // 50)),
        ("page 2,000 of 5", LeadFilter(page=2_000, limit=5)),
        ("page 2,000 of 50 (the last one where there are fewer)", LeadFilter(page=min(2_000, size // 50))),
        ("search by number", LeadFilter(search=someone)),
        ("search by the last six digits of a number", LeadFilter(search=someone[-6:])),
        ("search by e-mail name", LeadFilter(search=email.split("@")[0] + "@")),
        ("search by a common first name", LeadFilter(search="marcus")),
        ("search by a last name", LeadFilter(search=last_name)),
        ("search by what most have", LeadFilter(search="mail.example")),
        ("by mood (counted to 10,000)", LeadFilter(archived=False)),
    ]


async def measure(stand: Stand, sizes: list[int], times: int) -> list[Timing]:
    """Add an organisation of each size, and time the list in each, in turn."""
    tenants = {size: await stand.sign_up(f"Scale {size}") for size in sizes}
    search = await stand.admin.fetchval("select pg_get_indexdef('leads_found'::regclass)")
    await stand.admin.execute("drop index leads_found")  # building it anew is quicker than a million insertions
    for size, tenant in tenants.items():
        await add_leads(stand, tenant, size, 4)
    await stand.admin.execute(search, timeout=900)
    await stand.roll_up()
    await stand.settle()
    asked = {size: await queries(stand, tenant, size) for size, tenant in tenants.items()}
    timings: list[Timing] = []
    for place, (name, _) in enumerate(asked[sizes[0]]):
        taken: dict[int, list[float]] = {size: [] for size in sizes}
        for _ in range(times):
            for size, tenant in tenants.items():
                async with stand.runtime.context.works.read(tenant.actor) as work:
                    began = time.perf_counter()
                    await leads.page(work, asked[size][place][1])
                    taken[size].append((time.perf_counter() - began) * 1000)
        timings.append(
            Timing(
                name,
                {size: median(each[1:]) for size, each in taken.items()},
                {size: each[0] for size, each in taken.items()},
            )
        )
    return timings
