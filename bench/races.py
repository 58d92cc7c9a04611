"""Servers side by side under the same load, in rounds that take turns, so that what else the machine does hits all."""

import json
import os
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from msgspec import Struct
from twilio.request_validator import RequestValidator

from bench.load import NothingAnswered, Round, put
from bench.people import phone_of
from bench.servers import Server
from bench.stand import PUBLIC_URL, Stand, Tenant

LEADS_OF_EACH = 10_000
LIST_PATH = "/reactivation/api/leads"
WEBHOOK_PATH = "/reactivation/api/webhooks/twilio"


class Standing(Struct, frozen=True):
    """A server's rounds of one race."""

    name: str
    rounds: list[Round]

    def median(self, field: str) -> float:
        """The median of a figure over the rounds."""
        return median(getattr(one, field) for one in self.rounds)

    def times(self, other: "Standing", field: str = "per_second") -> float:
        """How many times the figure of `other` this one has: the median of what each pair of rounds says."""
        return median(
            getattr(mine, field) / getattr(theirs, field)
            for mine, theirs in zip(self.rounds, other.rounds, strict=True)
            if getattr(theirs, field)
        )


async def race(
    script: str, servers: Sequence[Server], requests: Callable[[], Path], rounds: int, seconds: float, database: int
) -> list[Standing]:
    """Rounds of load on each of the servers in turn, the first of which warms up and does not count."""
    told: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(rounds + 1):
        for server in servers if number % 2 else reversed(servers):
            one = await _round(script, server, requests, seconds, database)
            if number:
                told[server.name].append(one)
    return [Standing(server.name, told[server.name]) for server in servers]


async def _round(script: str, server: Server, requests: Callable[[], Path], seconds: float, database: int) -> Round:
    for longer in (1, 2, 4):
        try:
            return await put(script, server.url, requests(), seconds * longer, server.pid, database)
        except NothingAnswered:
            continue
    raise NothingAnswered(f"{server.name} answered nothing in {seconds * 4:g} seconds")


def lists(tenants: Iterable[Tenant], directory: Path) -> dict[str, Path]:
    """The requests of the list, by what they ask for; `all` has them in turn."""
    asked: dict[str, list[str]] = {"first page": [], "by dataset and status": [], "by status": [], "page 100": []}
    for tenant in tenants:
        oldest = tenant.dataset_ids[0]
        for name, query in (
            ("first page", ""),
            ("by dataset and status", f"?dataset_id={oldest}&status=READY"),
            ("by status", "?status=CONTACTED_1"),
            ("page 100", "?page=100"),
        ):
            asked[name].append(f"{LIST_PATH}{query}\t{tenant.token}")
    asked["all"] = [line for lines in zip(*asked.values(), strict=True) for line in lines]
    files: dict[str, Path] = {}
    for name, lines in asked.items():
        files[name] = directory / f"list-{len(files)}.txt"
        files[name].write_text("\n".join(lines) + "\n")
    return files


def texts(stand: Stand, tenants: Sequence[Tenant], directory: Path, count: int) -> Callable[[], Path]:
    """Makes files of `count` inbound texts that came never before, signed as the vendor's SDK signs."""
    sign = RequestValidator(stand.runtime.secrets.sandbox_auth_token).compute_signature
    chance = random.Random(1)

    def make() -> Path:
        lines: list[str] = []
        for _ in range(count):
            sid = "SM" + os.urandom(16).hex()
            form = {
                "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": "AC" + "0" * 32,
                "From": phone_of(chance.randrange(LEADS_OF_EACH)), "To": chance.choice(tenants).number,
                "Body": "Yes please, can you call me tomorrow", "NumMedia": "0", "NumSegments": "1",
                "SmsStatus": "received", "ApiVersion": "2010-04-01",
            }  # fmt: skip
            lines.append(f"{sign(PUBLIC_URL + WEBHOOK_PATH, form)}\t{urlencode(form)}")
        path = directory / "texts.txt"
        path.write_text("\n".join(lines) + "\n")
        return path

    return make


def check_alike(servers: Sequence[Server], files: dict[str, Path]) -> None:
    """Raise unless all servers give the same answers: the same work is compared, or nothing."""
    for name, path in files.items():
        if name == "all":
            continue
        asked, token = path.read_text().splitlines()[0].split("\t")
        answers = [_answer(server.url + asked, token) for server in servers]
        if any(answer != answers[0] for answer in answers):
            raise AssertionError(f"the servers differ about: {name}")


def _answer(url: str, token: str) -> object:
    with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=30) as answer:
        return json.load(answer)
