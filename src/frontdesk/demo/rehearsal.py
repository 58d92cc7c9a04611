"""`frontdesk demo`: the whole job on a compressed clock, against the sandbox carrier and made-up people."""

import asyncio
import contextlib
from collections import Counter
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from frontdesk.demo import people, seed
from frontdesk.demo.files import upload_of
from frontdesk.domain.campaigns.model import ImportOutcome, SettingsChange
from frontdesk.domain.campaigns.model import Progress as CampaignProgress
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.conversations.service import delivery, threads
from frontdesk.domain.leads.model import CampaignStatus, ContactStatus
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.jobs.sending import CampaignPump
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.clock import CompressedClock, SystemClock
from frontdesk.kernel.errors import DomainError, Invalid
from frontdesk.platform.events import Event
from frontdesk.platform.loops import supervise
from frontdesk.platform.realtime import Hub
from frontdesk.platform.settings import OFFLINE, Settings
from frontdesk.process import listen, serve
from frontdesk.runtime import Runtime, open_runtime

FACTOR = 12_000
"""How much faster than the wall: some three hours a second."""

SPAN = timedelta(days=3)
"""Virtual time that the whole takes: M1 at once, M2 a day later, M3 a day after that, and the last answers."""

LONGEST = 110.0
"""Wall seconds after which the report is given as things stand."""

SETTINGS = SettingsChange(m2_delay_hours=24, m3_delay_hours=24, ai_response_delay_seconds=60, rate_per_minute=5)


async def run(settings: Settings, csv: Path | None, out: Console) -> bool:
    """Rehearse with the leads of `csv`, or with those that come with the program, and print what happened. Whether it
    could be done.

    Everything is kept in the data directory, under an account of its own, for the console to show.
    """
    bound = listen("127.0.0.1", 0)
    port = bound.getsockname()[1]
    # The offline brain: a model would take days of this clock for a reply.
    local = msgspec.structs.replace(
        settings, host="127.0.0.1", port=port, public_url=f"http://127.0.0.1:{port}", model=OFFLINE
    )
    nine = SystemClock().now().replace(hour=9, minute=0, second=0, microsecond=0)
    # The rehearsal ends in the past: nothing of it is left to do when the clock is the wall's again.
    clock = CompressedClock(nine - SPAN - timedelta(days=2), FACTOR)
    with contextlib.closing(bound):
        async with open_runtime(local, clock=clock, loopback_url=local.public_url) as runtime:
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                ready = asyncio.Event()

                async def tell() -> None:
                    ready.set()

                tasks.create_task(runtime.run_background(stop))
                tasks.create_task(supervise("pump", CampaignPump(runtime.context, every=0.05).run, stop))
                tasks.create_task(_send_waiting(runtime, stop))
                tasks.create_task(serve(runtime, bound, stop, tell))
                try:
                    await ready.wait()
                    return await Rehearsal(runtime, out).run(csv)
                finally:
                    stop.set()


async def _send_waiting(runtime: Runtime, stop: asyncio.Event) -> None:
    """The periodic task of this comes by the wall, too seldom for this clock."""
    while not stop.is_set():
        await delivery.send_waiting(runtime.context)
        await asyncio.sleep(0.1)


class Rehearsal:
    """One run: an account, a file, a campaign, and people who answer."""

    def __init__(self, runtime: Runtime, out: Console) -> None:
        self._runtime, self._out = runtime, out
        self._works, self._clock = runtime.context.works, runtime.context.works.clock
        self._answering: set[asyncio.Task[None]] = set()
        self._texts = 0

    async def run(self, csv: Path | None) -> bool:
        """Rehearse and report. False: the file cannot be imported, which is said."""
        name, data = _leads(csv)
        account = await seed.make(
            self._runtime,
            f"demo-{self._clock.wall_time(self._clock.now()):%m%d%H%M%S}@frontdesk.example",
            f"Demo of {name}",
        )
        actor = account.actor
        async with self._works.begin(actor) as work:
            dataset = await datasets.create(work, name)
        try:
            upload = await upload_of(self._runtime.context, actor, name, data)
            mapping = {column.suggested_mapping: column.name for column in upload.columns if column.suggested_mapping}
            if "phone_number" not in mapping:
                raise Invalid(f"none of its columns has phone numbers: {', '.join(c.name for c in upload.columns)}.")
            if "first_name" not in mapping and "full_name" in mapping:
                mapping["first_name"] = mapping.pop("full_name")
            outcome = await campaigns.import_leads(
                self._runtime.context, actor, upload.id, dataset.id, mapping, SETTINGS
            )
        except DomainError as problem:
            self._out.print(f"{name} cannot be imported: {problem.message}", style="red", markup=False)
            return False
        hub = Hub(self._works, self._runtime.dsn)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(hub.run(stop))
            listening = tasks.create_task(self._live(hub, account.org_id))
            async with self._works.begin(actor) as work:
                await campaigns.start(work, dataset.id)
            finished = await self._watch(account, dataset.id)
            stop.set()
            listening.cancel()
        async with self._works.begin(actor) as work:
            progress = await campaigns.progress(work, dataset.id)
            statuses = (await datasets.get(work, dataset.id)).counts
            repaired = (await imports.notes(work, outcome.result.id, "repaired", 1, 1)).total
        self._report(name, outcome, repaired, progress, statuses, finished)
        self._out.print(
            f"\nTo see it: frontdesk up --data-dir {self._runtime.settings.data_dir}\n"
            f"Sign in as {account.email} with the password {account.password}",
            markup=False,
            soft_wrap=True,
        )
        return True

    async def _live(self, hub: Hub, org_id: UUID) -> None:
        """Let people answer what reaches their handsets."""
        async with contextlib.aclosing(hub.subscribe(org_id, 0)) as events:
            async for event in events:
                if isinstance(event, Event) and event.type == "message.delivered":
                    task = asyncio.create_task(self._answer(org_id, event))
                    self._answering.add(task)
                    task.add_done_callback(self._answering.discard)

    async def _answer(self, org_id: UUID, event: Event) -> None:
        async with self._works.read(system_actor(org_id)) as work:
            thread = await threads.thread(work, UUID(str(event.payload["conversation_id"])))
        received = next(message for message in thread.messages if message.id == event.subject_id)
        text = people.answer(received.recipient, received)
        if text is None:
            return
        wall = people.think_time(received.recipient) / self._clock.lasting(timedelta(seconds=1))
        await asyncio.sleep(wall)
        await self._runtime.sandbox.handset_texts(received.recipient, received.sender, text)
        self._texts += 1

    async def _watch(self, account: seed.DemoAccount, dataset_id: UUID) -> bool:
        """Follow the campaign until it is done and everybody has had their answer. Whether it came to that."""
        began = asyncio.get_running_loop().time()
        quiet_since = None
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn())
        with Progress(*columns, console=self._out, transient=True) as bar:
            shown = bar.add_task("Campaign running", total=100, day="")
            while asyncio.get_running_loop().time() - began < LONGEST:
                async with self._works.begin(account.actor) as work:
                    progress = await campaigns.progress(work, dataset_id)
                    waiting = await threads.waiting(work)
                sent = sum(step.sent + step.failed for step in progress.by_step.values())
                left = sum(step.waiting for step in progress.by_step.values())
                day = f"{self._clock.now():%a %H:%M}, {sent} sent, {self._texts} texts back"
                bar.update(shown, completed=100 * sent / max(1, sent + left), day=day)
                busy = progress.status is not CampaignStatus.COMPLETED or waiting or self._answering
                now = asyncio.get_running_loop().time()
                quiet_since = None if busy else quiet_since or now
                if quiet_since is not None and now - quiet_since > 2:
                    return True
                await asyncio.sleep(0.2)
        return False

    def _report(
        self,
        name: str,
        outcome: ImportOutcome,
        repaired: int,
        progress: CampaignProgress,
        statuses: dict[ContactStatus, int],
        finished: bool,
    ) -> None:
        result = outcome.result
        table = Table(title=f"What happened with {name}", show_header=False, title_justify="left")
        table.add_column(style="bold")
        table.add_column()
        table.add_row("Rows in the file", f"{result.total_rows}")
        table.add_row("Imported", f"{result.successful}")
        table.add_row("Refused", _with_reasons(result.failed, Counter(note.reason for note in result.refused)))
        table.add_row("Duplicates", f"{result.duplicates}")
        table.add_row("Repaired", f"{repaired}")
        for step, figures in progress.by_step.items():
            failed = f", {figures.failed} failed" if figures.failed else ""
            unknown = f", {figures.unknown} unknown" if figures.unknown else ""
            table.add_row(f"{step.upper()} sent", f"{figures.sent} ({figures.delivered} delivered{failed}{unknown})")
        table.add_row("Leads who replied", f"{progress.replied}")
        table.add_row("Calls booked", f"{progress.booked}")
        table.add_row("Opted out", f"{progress.opted_out}")
        table.add_row("Left out of a step", _with_reasons(sum(progress.skipped.values()), progress.skipped))
        table.add_row("Leads by status", ", ".join(f"{status.value} {n}" for status, n in sorted(statuses.items())))
        self._out.print(table)
        if not finished:
            self._out.print("It was cut short: not everything had come to its end.", style="yellow")


def _leads(csv: Path | None) -> tuple[str, bytes]:
    if csv is not None:
        return csv.name, csv.read_bytes()
    return "old-enquiries.csv", files("frontdesk.demo").joinpath("old-enquiries.csv").read_bytes()


def _with_reasons(total: int, reasons: dict[str, int]) -> str:
    told = "\n".join(f"  {count} × {reason}" for reason, count in sorted(reasons.items(), key=lambda item: -item[1]))
    return f"{total}\n{told}" if told else f"{total}"
