"""How fast a campaign's texts are claimed and sent when the carrier takes them at once, beside the claims' bare SQL."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from bench.bare import pgbench, scoped
from bench.overheard import Statement, overhear
from bench.people import add_leads
from bench.stand import Stand
from frontdesk.domain.campaigns.service import sending
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.clock import CompressedClock
from frontdesk.ports.carrier import CarrierMessage, OutgoingText, Receipt
from frontdesk.runtime import open_runtime


class Claims(Struct, frozen=True):
    """What was claimed and sent. All rates are of texts."""

    sent: int
    claimed_per_second: float
    sent_per_second: float
    """Claiming, handing over and settling."""
    bare_per_second: float

    @property
    def ratio(self) -> float:
        """Claims a second in those of the bare SQL."""
        return self.claimed_per_second / self.bare_per_second


class _AtOnce:
    """A carrier that takes everything at once."""

    name = "sandbox"
    answers: frozenset[str] = frozenset()

    async def send(self, text: OutgoingText) -> Receipt:
        return Receipt(provider_id=f"SM{text.reference.hex}")

    async def sent_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        return []

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        return False


class _NotKept(Exception):
    """Takes back what was only to be overheard."""


async def measure(stand: Stand, directory: Path, leads: int, seconds: float) -> Claims:
    """A campaign over `leads` leads of an organisation of its own, at ten in the morning."""
    tenant = await stand.sign_up("Campaigners")
    await add_leads(stand, tenant, leads, 1)
    dataset_id = tenant.dataset_ids[0]
    clock = CompressedClock(datetime.now(UTC).replace(hour=10, minute=0), 1)
    await stand.admin.execute(
        """insert into campaigns (org_id, dataset_id, rate_per_minute, started_at, updated_at)
           values ($1, $2, 1e7, $3, $3)""",
        tenant.org_id, dataset_id, clock.now(),
    )  # fmt: skip
    await stand.admin.execute(
        "update datasets set campaign_status = 'active' where org_id = $1 and id = $2", tenant.org_id, dataset_id
    )
    await stand.admin.execute(
        """update dataset_leads d set due_at = $3 from leads l where d.org_id = $1 and d.dataset_id = $2
           and l.org_id = d.org_id and l.id = d.lead_id and l.stage = 'new'""",
        tenant.org_id, dataset_id, clock.now(),
    )  # fmt: skip
    await stand.settle()
    async with open_runtime(stand.runtime.settings, clock=clock) as runtime:
        context = replace(runtime.context, carriers={"sandbox": _AtOnce()})
        actor = system_actor(tenant.org_id)
        heard: list[Statement] = []
        overheard = 0
        try:
            async with context.works.begin(actor) as work:
                heard = overhear(work)
                overheard = len(await sending.claim(work, dataset_id))
                await work.flush()
                raise _NotKept
        except _NotKept:
            pass
        sent, began = 0, time.perf_counter()
        while (count := await sending.run_due(context)) and sent < leads // 4:
            sent += count
        sending_took = time.perf_counter() - began
        claimed, began = 0, time.perf_counter()
        while claimed < leads // 8:
            async with context.works.begin(actor) as work:
                count = len(await sending.claim(work, dataset_id))
            claimed += count
            if not count:
                break
        claiming_took = time.perf_counter() - began
    script = scoped(tenant, heard)
    bare = await pgbench(stand, [f"begin;\n{script}rollback;\n"], directory, seconds, clients=1)
    return Claims(
        sent=sent,
        claimed_per_second=claimed / claiming_took,
        sent_per_second=sent / sending_took,
        bare_per_second=bare.per_second * overheard,
    )
