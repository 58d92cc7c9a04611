"""The report of a run: Markdown, ratios first, with a chart. What was not measured is said."""

from collections.abc import Sequence

from msgspec import Struct

from bench.bare import Bare
from bench.claims import Claims
from bench.importing import Result
from bench.races import Standing
from bench.scale import Timing
from bench.voice import Voice
from bench.voice import report as phone


class Findings(Struct):
    """All that a run found."""

    machine: str
    when: str
    seconds: float
    quick: bool
    load: float
    """The load average at its end: above 3 or so, others were at work on the machine too."""
    lists: dict[str, list[Standing]]
    bare_list: dict[str, Bare]
    webhooks: list[Standing]
    missing: list[str]
    scale: list[Timing] | None = None
    importing: Result | None = None
    claims: Claims | None = None
    voice: Voice | None = None


TARGETS = {("list", "Express + pg"): 2.0, ("list", "Next.js + Prisma"): 4.0, ("webhook", "Express + pg"): 1.7}


def written(found: Findings) -> str:
    """The report."""
    phone_ratios, phone_section = phone.parts(found.voice)
    parts = [
        "# Benchmarks",
        "Written by `make bench`"
        + (" (`BENCH=quick`)" if found.quick else "")
        + f" on {found.when}, in {found.seconds / 60:.0f} minutes. {found.machine} The load average (15 minutes) was "
        f"{found.load:.1f}: above 3 or so others were at work on the machine too.",
        _ratios(found),
        phone_ratios,
        _chart(found),
        _lists(found),
        _webhooks(found),
        _scale(found.scale) if found.scale else "",
        _importing(found.importing) if found.importing else "",
        _claims(found.claims) if found.claims else "",
        phone_section,
        _how(found),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _ratios(found: Findings) -> str:
    rows = [
        "| what | against | times as many a second | times less processor time | wanted |",
        "|---|---|---:|---:|---:|",
    ]
    for key, title, standings in (
        ("list", "lead list", found.lists["all"]),
        ("webhook", "inbound webhook", found.webhooks),
    ):
        ours, *others = standings
        for other in others:
            wanted = TARGETS.get((key, other.name))
            saved = 1 / ours.times(other, "total_ms")
            rows.append(
                f"| {title} | {other.name} | **{ours.times(other):.2f}** | {saved:.2f} | "
                f"{f'{wanted:.1f}' if wanted else ''} |"
            )
    if found.importing:
        result = found.importing
        rows.append(f"| import | bare COPY plus merge | **{result.ratio:.2f}** | {result.saved:.2f} | 0.5 |")
    if found.claims:
        rows.append(f"| campaign claims | the same SQL by pgbench | **{found.claims.ratio:.2f}** | | |")
    if found.scale:
        rows.append("")
        sizes = found.scale[0].ms
        rows.append(f"| lead list, p50 at {max(sizes):,} leads in those at {min(sizes):,} | times | wanted |")
        rows.append("|---|---:|---:|")
        rows += [f"| {timing.name} | **{timing.growth:.2f}** | 1.5 at most |" for timing in found.scale]
    return "## Ratios\n\n" + "\n".join(rows)


def _chart(found: Findings) -> str:
    bars = [
        (f"{title}: {one.name}", one.median("per_second"))
        for title, standings in (("list", found.lists["all"]), ("webhook", found.webhooks))
        for one in standings
    ]
    most = max(rate for _, rate in bars)
    widest = max(len(name) for name, _ in bars)
    lines = [f"{name:<{widest}}  {'█' * max(1, round(40 * rate / most)):<40} {rate:8,.0f}/s" for name, rate in bars]
    return "Requests a second, medians of the rounds:\n\n```text\n" + "\n".join(lines) + "\n```"


def _table(standings: Sequence[Standing]) -> list[str]:
    rows = [
        "| server | requests/s | p50 ms | p99 ms | server CPU ms/request | PostgreSQL CPU ms/request |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for one in standings:
        figures = [one.median(field) for field in ("p50", "p99", "server_ms", "database_ms")]
        rows.append(
            f"| {one.name} | {one.median('per_second'):,.0f} | " + " | ".join(f"{f:.2f}" for f in figures) + " |"
        )
    return rows


def _lists(found: Findings) -> str:
    parts = [
        "## The lead list",
        "`GET /reactivation/api/leads`, 50 leads a page, in 20 organisations of 10,000 leads. “All” asks for the first "
        "page, for one dataset and status, for one status, and for page 100, in turn.",
    ]
    for name, standings in found.lists.items():
        bare = found.bare_list.get(name)
        parts.append(f"**{name.capitalize()}**\n\n" + "\n".join(_table(standings)))
        if bare:
            parts.append(f"pgbench with the list's own SQL: {bare.per_second:,.0f} a second, {bare.latency_ms:.2f} ms.")
    return "\n\n".join(parts)


def _webhooks(found: Findings) -> str:
    return (
        "## The inbound webhook\n\n`POST /reactivation/api/webhooks/twilio`, a text of a lead: signature proved by the "
        "vendor's validator, duplicate refused, thread and message stored, lead updated, two events told, the answer "
        "enqueued.\n\n" + "\n".join(_table(found.webhooks))
    )


def _scale(timings: Sequence[Timing]) -> str:
    sizes = sorted(timings[0].ms)
    rows = [
        "| query | " + " | ".join(f"{size:,}" for size in sizes) + " | times |",
        "|---|" + "---:|" * (len(sizes) + 1),
    ]
    for timing in timings:
        each = " | ".join(f"{timing.ms[size]:.2f}" for size in sizes)
        rows.append(f"| {timing.name} | {each} | {timing.growth:.2f} |")
    return (
        "## From ten thousand to a million leads\n\nMedian milliseconds of the list's service in one organisation of "
        "so many leads, its round trips included. Totals are exact where only dataset and status are asked for, else "
        "counted to 10,000, by a search alone to 1,000. Who is searched for is there. Ten thousand leads have no page "
        "2,000 of 50: their last page is taken. A last name and the end of a number are looked for by groups of three "
        "characters, of which there are the more to compare the more leads there are.\n\n" + "\n".join(rows)
    )


def _importing(result: Result) -> str:
    return (
        f"## Import\n\n{result.rows:,} rows as CRMs export them: {result.rate:,.0f} rows a second; bare COPY plus "
        f"merge of the clean rows: {result.bare_rate:,.0f}. Memory grew by {result.peak_mb:.0f} MiB at most."
    )


def _claims(claims: Claims) -> str:
    return (
        f"## Campaign\n\n{claims.sent:,} texts claimed under the gate and handed to a carrier that takes them at once, "
        f"by one worker: {claims.claimed_per_second:,.0f} claims a second, {claims.sent_per_second:,.0f} with sending "
        f"and settling. pgbench, one client, with the SQL of the same claims: {claims.bare_per_second:,.0f} a second."
    )


def _how(found: Findings) -> str:
    lines = [
        "One machine, one run, one embedded PostgreSQL for all, the same tables and rows. Each server is one process "
        "and may use 16 connections; the load is `wrk`, one thread, 16 clients, for every server alike.",
        "Frontdesk is `frontdesk api` as it is run, with row-level security, session look-up and contract shapes; rate "
        "limits are lifted and its log is at warnings. The peers check the token and the session on each request, "
        "filter by organisation in their SQL, and answer the same JSON, which is compared before the race. They sign "
        "in as a role that row-level security is not laid on.",
        "Express counts by `count(*)` beside the page, as such programs do; “our totals” is the same program with the "
        "rolled-up sums that Frontdesk keeps. Next.js is its production build, Prisma 7 with the `pg` adapter (it "
        "needs no engine binary; the one for migrations, which it would download, is left out).",
        "Rounds take turns between the servers; a ratio is the median of those of neighbouring rounds. Processor time "
        "is user and system time of the server's processes and of all of PostgreSQL, for one request: it depends less "
        "than throughput on what else the machine does.",
        "Campaign: pgbench rolls its transactions back, so that they can be repeated; it waits for no disk.",
    ]
    lines += [f"Not measured: {what}." for what in found.missing]
    return "## How it was measured\n\n" + "\n".join(f"- {line}" for line in lines)
