"""`make bench`: measure everything and write docs/BENCHMARKS.md. `BENCH=quick` does less of it, and less often;
`BENCH_ONLY=webhook` or `BENCH_ONLY=list` races that against Express alone, and says how it went; `BENCH_ONLY=voice`
measures the phone, and writes its part of the report anew."""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from bench import bare, claims, importing, races, scale, servers, voice
from bench.people import add_leads
from bench.report import Findings, written
from bench.stand import Stand, Tenant, stand
from bench.voice import report as phone
from frontdesk.domain.leads.model import ContactStatus, LeadFilter

REPORT = Path("docs/BENCHMARKS.md")
TENANTS = 20


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


async def main(quick: bool, only: str) -> None:
    """Do it all, or one part."""
    began = time.monotonic()
    missing: list[str] = []
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: install Debian's package of that name.")
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as place:
        directory = Path(place)
        async with stand(directory / "data") as made:
            if only == "voice":
                await _voice(made, directory, quick)
                return
            _say(f"{TENANTS} organisations of {races.LEADS_OF_EACH:,} leads")
            tenants = [await made.sign_up(f"Bench {number:02}") for number in range(TENANTS)]
            for tenant in tenants:
                await add_leads(made, tenant, races.LEADS_OF_EACH, 4)
            await made.roll_up()
            await made.settle()
            if only in ("webhook", "list"):
                await _race_alone(only, made, tenants, directory, quick)
                return
            found = await _race(made, tenants, directory, quick, missing)
            _say("campaign")
            found.claims = await claims.measure(made, directory, 4_000 if quick else 20_000, 3 if quick else 8)
            _say("scale")
            sizes = [10_000, 100_000] if quick else [10_000, 100_000, 1_000_000]
            found.scale = await scale.measure(made, sizes, 7 if quick else 31)
            _say("the phone")
            try:
                found.voice = await voice.measure(made, directory, _postgres(made), quick)
            except Exception as error:  # hours of other measurements are not to be lost by it
                missing.append(f"the phone ({error!r})")
    _say("import")
    found.importing = await importing.measure(20_000 if quick else 200_000, 1 if quick else 3)
    found.seconds = time.monotonic() - began
    found.load = os.getloadavg()[2]
    REPORT.write_text(written(found))
    _say(f"written to {REPORT}")


async def _race(made: Stand, tenants: list[Tenant], directory: Path, quick: bool, missing: list[str]) -> Findings:
    """List and webhook, side by side."""
    rounds, seconds = (2, 3.0) if quick else (5, 4.0)
    postgres = _postgres(made)
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(servers.frontdesk(made))]
        for name, peer, totals in (("express", "express", "counted"), ("express", "express", "rolled-up")):
            try:
                await servers.install(peer)
                running.append(await stack.enter_async_context(servers.express(made, totals)))
            except servers.PeerMissing as error:
                missing.append(f"{name} ({error})")
        try:
            _say("installing and building Next.js, once")
            await servers.install("next", build=True)
            running.append(await stack.enter_async_context(servers.next_prisma(made)))
        except servers.PeerMissing as error:
            missing.append(f"Next.js + Prisma ({error})")
        files = races.lists(tenants, directory)
        races.check_alike(running, files)
        lists: dict[str, list[races.Standing]] = {}
        for name in ("all", *(name for name in files if name != "all")):
            _say(f"list: {name}")
            times = rounds if name == "all" else max(1, rounds // 2)
            lists[name] = await races.race("list", running, lambda name=name: files[name], times, seconds, postgres)
        _say("list: pgbench")
        bare_list = await _bare_lists(made, tenants, directory, seconds)
        _say("webhook")
        texts = races.texts(made, tenants, directory, int(seconds * 4_000))
        takers = [one for one in running if "totals" not in one.name]
        webhooks = await races.race("inbound", takers, texts, rounds, seconds, postgres)
    return Findings(
        machine=_machine(), when=datetime.now(UTC).date().isoformat(), seconds=0, quick=quick, load=0, lists=lists,
        bare_list=bare_list, webhooks=webhooks, missing=missing,
    )  # fmt: skip


async def _voice(made: Stand, directory: Path, quick: bool) -> None:
    """The phone alone: its part of the report is written anew, and all else of it stays."""
    found = await voice.measure(made, directory, _postgres(made), quick)
    when = datetime.now(UTC).date().isoformat()
    of = f"Measured{' (`BENCH=quick`)' if quick else ''} on {when}, at a load average (15 minutes) of "
    REPORT.write_text(phone.refreshed(REPORT.read_text(), found, f"{of}{os.getloadavg()[2]:.1f}."))
    _say(f"written to {REPORT}")


async def _race_alone(what: str, made: Stand, tenants: list[Tenant], directory: Path, quick: bool) -> None:
    """The inbound webhook or the list against Express alone: each round, and the ratios."""
    rounds, seconds = (6, 3.0) if quick else (12, 4.0)
    await servers.install("express")
    async with servers.frontdesk(made) as ours, servers.express(made) as theirs:
        if what == "webhook":
            texts = races.texts(made, tenants, directory, int(seconds * 4_000))
            asked = {"webhook": texts}
        else:
            asked = {name: lambda path=path: path for name, path in races.lists(tenants, directory).items()}
        for name, requests in asked.items():
            script = "inbound" if what == "webhook" else "list"
            us, them = await races.race(script, [ours, theirs], requests, rounds, seconds, _postgres(made))
            for standing in (us, them):
                told = ", ".join(f"{one.per_second:.0f}/s {one.total_ms:.2f} ms" for one in standing.rounds)
                _say(f"{name}, {standing.name}: {told}")
            cheaper = them.times(us, "total_ms")
            _say(f"{us.times(them):.2f} times as many a second, {cheaper:.2f} times less processor time")


async def _bare_lists(made: Stand, tenants: list[Tenant], directory: Path, seconds: float) -> dict[str, bare.Bare]:
    asked = {
        "first page": lambda _: LeadFilter(),
        "by dataset and status": lambda t: LeadFilter(dataset_id=t.dataset_ids[0], status=ContactStatus.READY),
        "by status": lambda _: LeadFilter(status=ContactStatus.CONTACTED_1),
        "page 100": lambda _: LeadFilter(page=100),
    }
    scripts = {
        name: [bare.scoped(tenant, await bare.statements_of(made, tenant, wanted(tenant))) for tenant in tenants]
        for name, wanted in asked.items()
    }
    scripts["all"] = [script for each in scripts.values() for script in each]
    return {name: await bare.pgbench(made, each, directory, seconds) for name, each in scripts.items()}


def _postgres(made: Stand) -> int:
    """The database server's process as it is seen from here: it may run in a namespace of its own."""
    wanted = str(made.data_dir / "postgres")
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if command[0].endswith("/postgres") and "-D" in command and command[command.index("-D") + 1] == wanted:
                return int(entry.name)
    return int((made.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def _machine() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return (
        f"{os.cpu_count()} cores ({found[1] if found else platform.machine()}), Linux, "
        f"Python {platform.python_version()}, Node {node}, embedded PostgreSQL 18."
    )


if __name__ == "__main__":
    uvloop.run(main(quick=os.environ.get("BENCH") == "quick", only=os.environ.get("BENCH_ONLY", "")))
