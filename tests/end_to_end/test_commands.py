"""The command line as an operator meets it: what it prints, how it ends, what it leaves behind."""

import json
import os
import re
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from tests.end_to_end.business import Business, handsets
from tests.end_to_end.conftest import Found, Install
from tests.end_to_end.installation import Installation
from tests.fixtures.waiting import until
from tests.platform.postgres.debian import BIN, DebianPostgres, running

from frontdesk.platform.postgres.server import attach

pytestmark = pytest.mark.process


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


# --- starting and stopping --------------------------------------------------------------------------------------------


async def test_a_fresh_up_shows_a_demo_to_sign_in_to_and_ctrl_c_ends_it_cleanly(install: Install) -> None:
    here = install(fresh=True)
    up = await here.serve("up", "--demo")
    await up.saying("Ctrl-C stops it")
    assert here.url in up.said
    told = re.search(r"Sign in as (\S+) with the password (\S+)", up.said)
    assert told
    async with httpx.AsyncClient(base_url=here.url, timeout=30) as http:
        us = await Business(http).sign_in(told[1], told[2])
        leads = (await us.get("leads"))["leads"]
    assert len(leads) >= 10
    assert await up.interrupt() == 0
    assert not here.serves()
    assert is_free(here.port)
    assert "Traceback" not in up.said
    assert {path.name for path in here.data_dir.parent.iterdir()} == {"data", Path(str(up)).name}


async def test_api_and_workers_share_a_directory_and_the_last_one_out_stops_the_database(
    install: Install, found: Found
) -> None:
    here = install()
    api, worker = await here.serve("api"), await here.worker()
    us = await found(here)
    [number] = handsets(1)
    await us.campaign([number])

    async def has_m1() -> bool:
        return bool(await us.received(number))

    await until(has_m1, 60)
    assert await api.stop() == 0
    assert here.serves()
    assert await worker.stop() == 0
    assert not here.serves()


async def test_it_stops_while_somebody_listens(install: Install, found: Found) -> None:
    here = install()
    up = await here.serve("up")
    us = await found(here)
    async with us.http.stream("GET", "/reactivation/api/events") as stream:
        assert stream.status_code == 200
        os.kill(up.pid, signal.SIGINT)  # a terminal tells the group, and whoever started us passes it on
        assert await up.stop(signal.SIGTERM) == 0
    assert not here.serves()
    assert "Traceback" not in up.said


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_a_command_that_is_cut_short_leaves_no_database_behind(install: Install, how: signal.Signals) -> None:
    here = install()
    demo = await here.start("demo")
    await until(here.serves, 60)
    assert await demo.stop(how) == (130 if how is signal.SIGINT else 143)
    assert not here.serves()
    assert "Traceback" not in demo.said


# --- what is refused, in a line ---------------------------------------------------------------------------------------


@pytest.mark.xdist_group("desk")
@pytest.mark.parametrize("command", ["up", "demo"])
async def test_a_second_up_on_a_directory_is_refused(desk: Installation, command: str) -> None:
    status, said = await desk.run(command, PORT="1")
    assert status == 1
    assert said.count("\n") == 0
    assert said.startswith(f"Frontdesk is already up on {desk.data_dir}")
    async with httpx.AsyncClient(base_url=desk.url, timeout=30) as http:
        assert (await http.get("/health")).status_code == 200


@pytest.mark.xdist_group("desk")
@pytest.mark.parametrize("command", ["up", "api"])
async def test_a_taken_port_is_refused(desk: Installation, install: Install, command: str) -> None:
    here = install(fresh=True)
    status, said = await here.run(command, "--port", str(desk.port))
    assert status == 1
    assert f"port {desk.port} of 127.0.0.1 cannot be had" in said
    assert "Traceback" not in said
    assert not here.serves()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"PORT": "eighty"}, "FRONTDESK_PORT: 'eighty' should be a port number from 1 to 65535"),
        ({"PROT": "80"}, "FRONTDESK_PROT: no such setting; did you mean FRONTDESK_PORT?"),
        ({"JWT_SECRET": "short"}, "FRONTDESK_JWT_SECRET: its value should be 32 characters or more, without spaces"),
        ({"DATABASE_URL": "mysql://x"}, "FRONTDESK_DATABASE_URL: its value should be a URL such as postgresql://"),
    ],
)
async def test_a_wrong_setting_is_named(install: Install, wrong: dict[str, str], told: str) -> None:
    status, said = await install(fresh=True).run("up", **wrong)
    assert status == 1
    assert said.splitlines()[0] == "A setting is wrong:"
    assert said.splitlines()[1].strip().startswith(told)
    assert len(said.splitlines()) == 2


async def test_a_migration_that_fails_stops_the_start_and_says_where(install: Install) -> None:
    here = install(fresh=True)
    with attach(here.data_dir) as server:
        connection = await asyncpg.connect(server.dsn())
        await connection.execute("create table leads (mine int)")
        await connection.close()
    status, said = await here.run("up")
    assert status == 1
    assert re.fullmatch(
        r'0003_leads, line \d+: relation "leads" already exists\. The file was undone\. '
        r"The statement: create table leads \(.*",
        said,
    )
    assert not here.serves()


async def test_a_database_of_a_newer_program_is_left_alone(install: Install) -> None:
    here = install()
    with attach(here.data_dir) as server:
        connection = await asyncpg.connect(server.dsn())
        await connection.execute("insert into schema_migrations values (9999, '9999_of_tomorrow', '')")
        await connection.close()
    status, said = await here.run("up")
    assert (status, said) == (
        1, "The database is newer than this program: it has 9999_of_tomorrow. Install a newer one."
    )  # fmt: skip


# --- the small commands -----------------------------------------------------------------------------------------------


async def test_version_and_help(install: Install) -> None:
    here = install(fresh=True)
    assert re.fullmatch(r"\d+\.\d+\.\d+", (await here.run("version"))[1])
    status, said = await here.run("--help")
    assert status == 0
    assert all(name in said for name in ("up", "api", "worker", "migrate", "doctor", "demo", "admin"))
    assert not here.data_dir.exists()


async def test_migrate_finds_nothing_to_do_the_second_time(install: Install) -> None:
    here = install()
    assert await here.run("migrate") == (0, "The database is up to date.")
    assert not here.serves()


async def test_doctor_finds_a_new_installation_well(install: Install) -> None:
    status, said = await install().run("doctor")
    assert status == 0
    assert {line.split()[0] for line in said.splitlines()} == {"ok"}
    for name in ("settings", "disk", "secrets", "database", "queue", "mail", "carrier"):
        assert f" {name}: " in said


async def test_doctor_says_what_is_bad(install: Install) -> None:
    status, said = await install(fresh=True).run("doctor", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert status == 1
    [bad] = [line for line in said.splitlines() if line.startswith("bad")]
    assert "database: The database cannot be reached" in bad
    assert "Traceback" not in said


@pytest.mark.xdist_group("desk")
async def test_an_operator_makes_a_platform_admin_who_can_sign_in(desk: Installation) -> None:
    password = "correct horse battery"
    status, said = await desk.run("admin", "create-user", "--email", "root@desk.example", typed=f"{password}\n" * 2)
    assert status == 0
    assert said.splitlines()[-1] == "root@desk.example is a platform admin."
    assert password not in said
    async with httpx.AsyncClient(base_url=desk.url, timeout=30) as http:
        body = {"email": "root@desk.example", "password": password}
        session = await http.post("/supabase/auth/v1/token?grant_type=password", json=body, headers={"apikey": "anon"})
    assert session.status_code == 200


@pytest.mark.xdist_group("desk")
@pytest.mark.parametrize(("email", "password"), [("no address", "correct horse battery"), ("a@desk.example", "short")])
async def test_an_admin_who_cannot_be_is_refused_in_a_line(desk: Installation, email: str, password: str) -> None:
    status, said = await desk.run("admin", "create-user", "--email", email, "--password", password)
    assert status == 1
    assert said.count("\n") == 0
    assert "Traceback" not in said


@pytest.mark.xdist_group("desk")
async def test_secrets_are_made_once_shown_to_the_operator_and_good(desk: Installation) -> None:
    shown = [json.loads((await desk.run("admin", "show-secrets", "--json"))[1]) for _ in range(2)]
    assert shown[0] == shown[1]
    assert {"jwt_secret", "cron_secret", "sandbox_account_sid", "sandbox_auth_token", "anon_key"} <= shown[0].keys()
    assert (desk.data_dir / "secrets.json").stat().st_mode & 0o077 == 0
    async with httpx.AsyncClient(base_url=desk.url, timeout=30) as http:
        for secret, status in ((shown[0]["cron_secret"], 200), ("wrong", 401)):
            answer = await http.get("/reactivation/api/cron/send-m1", headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == status


# --- the demo ---------------------------------------------------------------------------------------------------------

MESSY = """\
Contact Name;Mobile No.;E-mail;Date of enquiry;Interested in;Post Code;Notes
Dana Whitfield;07700 900101;dana@example.com;03/02/2024;New kitchen;PO1 2AB;wants quote
MARCUS OYELARAN;+44 7700 900102;;14/03/2024;Worktops;;
"Raman, Priya";07700900103;priya@example.com;2024-04-01;Fitted kitchen;BN1;
Tom Ashdown;7700900104;tom@example.com;1 May 2024;Island;;"said ""call me""
after work"
Elif Kaya;(07700) 900-105;elif@example.com;;New kitchen;;
;07700900106;;;Cabinet doors;;
Owen Pritchard;447700900107;owen@example.com;45444;Extension;SO14;
Sofia Marchetti;0044 7700 900108;;12.07.24;Fitted kitchen;;
Zoë Lindqvist;07700 900109;zoe@example.com;;Pantry;;
Dana Whitfield;07700900101;dana@example.com;03/02/2024;New kitchen;;again
Liam Donnelly;07700 900110 / 07700 900111;;;Flooring;;
Hannah Berg;4.477E+11;;;New kitchen;;
Grace Mbeki;n/a;grace@example.com;;;;
Paul;12345;;;;;
Ann;07700 900112;;31/02/2024;;;
Bob;07700 900113;;;;;

Cyd;07700 900114;not an email;;;;
Dee;07700 900115;;;;;
Eve;07700 900116;;;;;
Fay;07700 900117;;;;;
Gus;07700 900118;;;;;
Hal;07700 900119;;;;;
Ivy;07700 900120;;;;;
Jo;07700 900121;;;;;
"""


def figures(said: str) -> dict[str, str]:
    """The report's lines, by what they are about."""
    rows = re.findall(r"│ +(\S.*?) +│ +(\S.*?) +│", said)
    return dict(rows)


async def test_the_demo_reports_what_the_installation_then_shows(install: Install) -> None:
    here = install(fresh=True)
    leads = here.data_dir.parent / "messy.csv"
    leads.write_bytes(MESSY.encode("latin-1"))  # as spreadsheets on Windows still save it
    status, said = await here.run("demo", "--leads", str(leads))
    assert status == 0
    assert "cut short" not in said
    report = figures(said)
    assert [report[name] for name in ("Rows in the file", "Imported", "Refused", "Duplicates")] == [
        "24",
        "20",
        "3",
        "1",
    ]
    for reason in ("no phone number", "lacks its area code", "last digits are lost"):
        assert f"1 × " in said and reason in said  # noqa: PT018, F541
    signed_in = re.search(r"Sign in as (\S+) with the password (\S+)", said)
    assert signed_in

    await here.serve("up")
    async with httpx.AsyncClient(base_url=here.url, timeout=30) as http:
        us = await Business(http).sign_in(signed_in[1], signed_in[2])
        [dataset] = (await us.get("datasets"))["datasets"]
        progress = await us.progress(dataset["id"])
        found = (await us.leads(dataset["id"])).values()
    assert dataset["campaign_status"] == "completed"
    assert dataset["total_leads"] == len(found) == int(report["Imported"])
    for step, now in progress["steps"].items():
        assert report[f"{step.upper()} sent"] == f"{now['sent']} ({now['delivered']} delivered)"
        assert now["waiting"] + now["failed"] + now["unknown"] == 0
    assert (
        int(report["Leads who replied"]) == progress["replied"] == sum(bool(one["latest_lead_reply"]) for one in found)
    )
    assert int(report["Calls booked"]) == progress["booked"] == sum(one["call_booked"] for one in found) > 0
    assert int(report["Opted out"]) == progress["opted_out"] > 0
    assert int(report["Left out of a step"]) == sum(progress["skipped"].values())
    statuses = sorted(one["contact_status"] for one in found)
    told = dict(part.rsplit(" ", 1) for part in report["Leads by status"].split(", "))
    assert {status: int(count) for status, count in told.items()} == {s: statuses.count(s) for s in set(statuses)}


# --- a PostgreSQL that is not ours ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def debian() -> AsyncIterator[DebianPostgres]:
    """Debian's own PostgreSQL 15."""
    if not (BIN / "initdb").exists():
        pytest.skip("Debian's postgresql-15 is not installed")
    with running() as server:
        yield server


async def test_the_line_runs_on_a_foreign_postgresql(install: Install, found: Found, debian: DebianPostgres) -> None:
    here = install(fresh=True, DATABASE_URL=debian.dsn("desk"))
    up = await here.serve("up")
    us = await found(here)
    numbers = handsets(3)
    dataset_id = await us.campaign(numbers, m2_delay_hours=0.0005, m3_delay_hours=0.0005)
    await until(lambda: us.is_done(dataset_id), 90)
    for number in numbers:

        async def has_all(number: str = number) -> bool:
            return len(await us.received(number)) == 3

        await until(has_all, 30)
    await us.text(numbers[0], "yes, can you call me tomorrow afternoon")

    async def is_offered() -> bool:
        return len(await us.received(numbers[0])) == 4

    await until(is_offered, 60)
    assert await up.stop() == 0
    assert not (here.data_dir / "postgres").exists()
    assert os.listdir(here.data_dir)  # its secrets and files are here all the same


# --- import -----------------------------------------------------------------------------------------------------------


async def test_a_file_is_imported_beside_an_up_that_runs(desk: Installation, found: Found, tmp_path: Path) -> None:
    us = await found(desk, "Import Kitchens")
    file, refused = tmp_path / "old leads.csv", tmp_path / "refused.csv"
    file.write_text(
        "Name,Tel,Mobile,=1+1,\\[/x]\nAda Byron,1,07700900811\nAda,4,07700900811\nCy Dent,3,7700900812\nBob Ash,2,12\n"
    )
    command = ("import", str(file), "--org", "Import Kitchens", "--dataset", "Old")

    status, said = await desk.run(*command, "--dry-run", "--map", "notes=Tel")
    assert status == 0, said
    assert re.search(r"Mobile\s+07700900811\s+phone_number", said)
    assert "\\[/x]" in said
    assert "4 rows: 2 have a number of their own. Nothing was imported." in said
    assert (await us.get("leads"))["leads"] == []

    status, said = await desk.run(*command, "--refused", str(refused))
    assert status == 0, said
    assert "4 rows: 2 imported into “Old”, 1 there already, 1 refused." in said
    assert re.search(
        r"row 5: The phone number is too short\.\s+row 3: The phone number is the same as in row 2\.", said
    )
    head, first, second = refused.read_text("utf-8-sig").splitlines()
    assert head == "Line,What happened,Reason,Name,Tel,Mobile,'=1+1,\\[/x]"
    assert first.startswith("3,duplicate,The phone number is the same as in row 2.,Ada")
    assert second.startswith("5,refused,The phone number is too short.,Bob Ash")
    assert {lead["first_name"] for lead in (await us.get("leads"))["leads"]} == {"Ada", "Cy"}

    status, said = await desk.run(*command)
    assert "0 imported into “Old”, 3 there already" in said

    (tmp_path / "book.csv").write_bytes(b"PK\x03\x04 a workbook")
    for wrong, told in (
        ([str(tmp_path / "book.csv"), "--org", "Import Kitchens"], "This is an Excel workbook (.xlsx)"),
        ([str(file), "--org", "Nobody's"], "There is no such organisation."),
        ([str(file), "--org", "Import Kitchens", "--map", "phone_number=Fax"], "the file has no column “Fax”"),
    ):
        status, said = await desk.run("import", *wrong, "--dataset", "Old")
        assert (status, "Traceback" in said) == (1, False)
        assert told in said
