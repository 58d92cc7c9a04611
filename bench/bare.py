"""What PostgreSQL alone does with the same SQL: the statements as the store sends them, run by pgbench.

The statements are taken from the store as it runs, so that they cannot drift from it.
"""

import asyncio
import os
import re
from pathlib import Path

from msgspec import Struct

from bench.overheard import Statement, overhear
from bench.stand import Stand, Tenant
from frontdesk.domain.leads import list_store
from frontdesk.domain.leads.model import LeadFilter
from frontdesk.platform.postgres.cluster import program


class Bare(Struct, frozen=True):
    """What pgbench counted."""

    per_second: float
    latency_ms: float


async def statements_of(stand: Stand, tenant: Tenant, wanted: LeadFilter) -> list[Statement]:
    """What the list sends for `wanted`."""
    async with stand.runtime.context.works.read(tenant.actor) as work:
        heard = overhear(work)
        await list_store.page(work, wanted)
    return heard


async def pgbench(stand: Stand, scripts: list[str], directory: Path, seconds: float, clients: int = 16) -> Bare:
    """Run the scripts as the app role, in turn by chance, prepared."""
    files: list[str] = []
    for number, script in enumerate(scripts):
        path = directory / f"bare-{number}.sql"
        path.write_text(script)
        files += ["-f", str(path)]
    env = os.environ | {"PGOPTIONS": "-c role=frontdesk_app -c jit=off"}
    process = await asyncio.create_subprocess_exec(
        program("pgbench"), "-n", "-h", stand.socket_dir, "-p", "5432", "-U", "frontdesk", "-M", "prepared", "-c",
        str(clients), "-j", "1", "-T", f"{max(1, round(seconds))}", *files, "frontdesk",
        env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, wrong = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"pgbench: {wrong.decode()[-500:]}")
    rate = re.search(r"tps = ([\d.]+)", said.decode())
    latency = re.search(r"latency average = ([\d.]+) ms", said.decode())
    assert rate is not None
    assert latency is not None
    return Bare(float(rate[1]), float(latency[1]))


def scoped(tenant: Tenant, statements: list[Statement]) -> str:
    """The statements as one request sends them, after the one that sets the tenant."""
    tenant_set = f"select set_config('app.org_id', '{tenant.org_id}', false);"
    return "\n".join([tenant_set, *(f"{one.text()};" for one in statements)]) + "\n"
