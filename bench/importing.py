"""How fast leads are imported, beside a bare COPY plus merge of the same rows, clean already, on the same server.

`python -m bench.importing [rows]` prints both rates and their ratio; `measure` is for the report of all benchmarks.
Both sides write the same leads, phone and e-mail identities and memberships into the same tables, with the same
indexes, constraints, triggers and row-level security, each round into organisations of its own. The import reads the
messy file besides: it decodes, maps, repairs, refuses, finds duplicates, and keeps what it noted.
"""

import asyncio
import csv
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench.load import spent
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import NewUser
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.settings import load_settings
from frontdesk.runtime import Runtime, open_runtime

ROWS = 200_000
ROUNDS = 3
PATIENCE = 900.0
"""Seconds for a statement of the peer, each of which is about all rows."""
HEADER = ["First Name", "Last Name", "Mobile Phone", "Email", "Post Code", "Enquiry Date", "Lead Source", "Notes"]
MAPPING = {
    "first_name": "First Name", "last_name": "Last Name", "phone_number": "Mobile Phone", "email": "Email",
    "postcode": "Post Code", "inquiry_date": "Enquiry Date", "source": "Lead Source", "notes": "Notes",
}  # fmt: skip
COLUMNS = "id, phone, first_name, last_name, email, postcode, inquiry_date, notes, source"


@dataclass(frozen=True)
class Result:
    """Medians of all rounds. Rates are in rows of the messy file a second, for both."""

    rows: int
    leads: int
    upload_seconds: float
    """Storing the file and looking into it, which comes before the import and is not counted in its rate."""
    import_seconds: float
    bare_seconds: float
    import_cpu: float
    """Seconds of processor time, PostgreSQL's included: what else the machine does changes it little."""
    bare_cpu: float
    peak_mb: float
    """By which this process grew at most while it uploaded and imported, in MiB of resident memory."""

    @property
    def rate(self) -> float:
        """Of the import."""
        return self.rows / self.import_seconds

    @property
    def bare_rate(self) -> float:
        """Of COPY plus merge."""
        return self.leads / self.bare_seconds

    @property
    def ratio(self) -> float:
        """The import's rate as a share of the bare one's."""
        return self.rate / self.bare_rate

    @property
    def saved(self) -> float:
        """How many times less processor time than the bare one a row takes."""
        return (self.bare_cpu / self.leads) / (self.import_cpu / self.rows)


async def measure(rows: int = ROWS, rounds: int = ROUNDS) -> Result:
    """Import `rows` rows `rounds` times, and as often COPY and merge what came of it. Makes a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        messy, clean = Path(folder) / "messy.csv", Path(folder) / "clean.csv"
        write_messy(messy, rows)
        settings = load_settings({"HOME": folder}, {"data_dir": Path(folder) / "data", "log_level": "error"})
        async with open_runtime(settings) as runtime:
            uploads: list[float] = []
            imported: list[Cost] = []
            bare: list[Cost] = []
            with _peak() as peak:
                # The first is for warmth, and says which rows are clean.
                await _import(runtime, messy, "0")
            await _write_clean(runtime, clean)
            leads = sum(1 for _ in clean.open()) - 1
            for number in range(1, rounds + 1):
                upload_seconds, cost = await _import(runtime, messy, f"{number}")
                uploads.append(upload_seconds)
                imported.append(cost)
                bare.append(await _bare(runtime, clean, f"{number}"))
    middle = statistics.median
    return Result(
        rows, leads, middle(uploads), middle(cost.seconds for cost in imported), middle(cost.seconds for cost in bare),
        middle(cost.cpu for cost in imported), middle(cost.cpu for cost in bare), peak.mb,
    )  # fmt: skip


class Cost:
    """Seconds since it was made, by the wall and of processors: this process's and those of its PostgreSQL."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), spent(os.getpid())
        self.seconds = self.cpu = 0.0

    def taken(self) -> "Cost":
        """Itself, with what it was."""
        self.seconds, self.cpu = time.perf_counter() - self._wall, spent(os.getpid()) - self._cpu
        return self


# --- the import -------------------------------------------------------------------------------------------------------


async def _import(runtime: Runtime, file: Path, name: str) -> tuple[float, Cost]:
    actor = await _organization(runtime, f"import {name}")
    async with runtime.context.works.begin(actor) as work:
        dataset = await datasets.create(work, "Messy")

    async def chunks() -> AsyncIterator[bytes]:
        with file.open("rb") as opened:
            while chunk := opened.read(256 * 1024):
                yield chunk

    began = time.perf_counter()
    upload = await imports.upload(runtime.context, actor, file.name, chunks())
    uploaded, cost = time.perf_counter(), Cost()
    await imports.run(runtime.context, actor, upload.id, dataset.id, MAPPING)
    return uploaded - began, cost.taken()


# --- the peer ---------------------------------------------------------------------------------------------------------


async def _write_clean(runtime: Runtime, file: Path) -> None:
    """The leads that the last import made, as a CSV that COPY takes as it is."""
    async with runtime.context.works.across_tenants("roll up counts") as work:
        await work.connection.copy_from_query(
            f"select {COLUMNS} from leads order by id", output=str(file), format="csv", header=True
        )


async def _bare(runtime: Runtime, file: Path, name: str) -> Cost:
    """What a program without questions would do: COPY the file into a temporary table, insert from there, commit."""
    actor = await _organization(runtime, f"bare {name}")
    async with runtime.context.works.begin(actor) as work:
        dataset = await datasets.create(work, "Clean")
    cost = Cost()
    async with runtime.context.works.begin(actor) as work:
        await work.execute(
            """create temp table clean (id uuid, phone text, first_name text, last_name text, email text,
                   postcode text, inquiry_date date, notes text, source text) on commit drop"""
        )
        await work.connection.copy_to_table("clean", source=str(file), format="csv", header=True)
        await work.connection.execute(
            f"""insert into leads (org_id, {COLUMNS}, created_at, updated_at)
                select $1, {COLUMNS}, $2, $2 from clean on conflict do nothing""",
            work.org_id, work.now, timeout=PATIENCE,
        )  # fmt: skip
        for kind, column in (("phone", "phone"), ("email", "email")):
            await work.connection.execute(
                f"""insert into lead_identities (org_id, kind, value, lead_id, created_at)
                    select $1, '{kind}', {column}, id, $2 from clean where {column} is not null
                    on conflict do nothing""",
                work.org_id, work.now, timeout=PATIENCE,
            )  # fmt: skip
        await work.connection.execute(
            """insert into dataset_leads (org_id, dataset_id, lead_id, import_id, created_at)
               select $1, $2, id, $3, $4 from clean on conflict do nothing""",
            work.org_id, dataset.id, new_id(), work.now, timeout=PATIENCE,
        )  # fmt: skip
    return cost.taken()


async def _organization(runtime: Runtime, name: str) -> Actor:
    signed_up = await identity.sign_up(
        runtime.context,
        runtime.realm,
        NewUser(
            email=f"{name.replace(' ', '-')}@bench.example", password=new_id().hex, first_name="Bench",
            last_name="Owner", metadata={"company_name": name}, email_verified=True,
        ),
    )  # fmt: skip
    org_id: UUID | None = signed_up.tokens.org_id if signed_up.tokens else None
    return Actor(
        type=ActorType.USER, id=signed_up.user.id, org_id=org_id, role=Role.OWNER,
        permissions=PERMISSIONS_OF[Role.OWNER],
    )  # fmt: skip


# --- the file ---------------------------------------------------------------------------------------------------------

_FIRST = [
    "Ann",
    "Bob",
    "Cy",
    "Dana",
    "Elif",
    "Fay",
    "Gus",
    "Hal",
    "Ivy",
    "Jo",
    "Kit",
    "Liam",
    "Mo",
    "Nia",
    "Owen",
    "Uma",
]
_LAST = [
    "Ash",
    "Bell",
    "Crane",
    "Dent",
    "Ellis",
    "Fox",
    "Garcia",
    "Iqbal",
    "Jones",
    "Lee",
    "Müller",
    "O'Brien",
    "Quist",
]
_SOURCES = ["Web", "Facebook", "Trade show", "Referral", ""]
_WISHES = ["Asked about a new kitchen", "Wants a quote, call after six", "", "", "Bay window; price too high last year"]


def write_messy(file: Path, rows: int) -> None:
    """An export of `rows` rows as people have them: numbers spelled in six ways, one row in 100 without a usable one,
    one in 100 there twice, one in 200 with a date that is none. The same file for the same `rows`."""
    chance = random.Random(20260101)
    with file.open("w", encoding="utf-8", newline="") as opened:
        out = csv.writer(opened)
        out.writerow(HEADER)
        out.writerows(_row(number, chance) for number in range(rows))


def _row(number: int, chance: random.Random) -> list[str]:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    national = f"7400{(number if chance.random() > 0.01 else number // 2) % 1_000_000:06}"
    spelled = (
        f"0{national[:4]} {national[4:]}", f"0{national}", f"+44{national}", f"+44 {national[:4]} {national[4:]}",
        national, f"+44 (0){national[:4]} {national[4:7]} {national[7:]}",
    )[number % 6]  # fmt: skip
    day = f"{number % 28 + 1:02}/{number % 12 + 1:02}/{2020 + number % 5}"
    return [
        first,
        last,
        spelled if chance.random() > 0.01 else chance.choice(["", "ask at reception", "12345"]),
        f"{first.lower()}.{number}@example.com" if number % 5 else "",
        f"SW{number % 20 + 1} {number % 9 + 1}AA" if number % 3 else "",
        day if number % 200 else "n.k.",
        chance.choice(_SOURCES),
        chance.choice(_WISHES),
    ]


# --- memory -----------------------------------------------------------------------------------------------------------


@dataclass
class Peak:
    """The most memory that was held, above what was held at first."""

    mb: float = 0.0


@contextmanager
def _peak() -> Iterator[Peak]:
    peak, stop, before = Peak(), threading.Event(), _resident_mb()

    def watch() -> None:
        while not stop.wait(0.02):
            peak.mb = max(peak.mb, _resident_mb() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def _resident_mb() -> float:
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


def main() -> None:
    """Measure and print."""
    result = asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
    print(f"{result.ratio:.2f} of the rate of bare COPY plus merge, {result.saved:.2f} of it by processor time")
    print(f"  import      {result.rate:>9,.0f} rows/s   {result.rows:,} rows in {result.import_seconds:.1f} s")
    print(f"  COPY, merge {result.bare_rate:>9,.0f} rows/s   {result.leads:,} rows in {result.bare_seconds:.1f} s")
    print(f"  upload      {result.upload_seconds:>9.1f} s, before the import; memory grew by {result.peak_mb:.0f} MiB")


if __name__ == "__main__":
    main()
