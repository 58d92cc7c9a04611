"""A long file of leads whose worker is killed: nothing is half done, and another worker does all of it."""

import asyncio
import re

import asyncpg
import httpx
import pytest
from tests.console.conftest import words
from tests.console.reading import form_at
from tests.end_to_end.conftest import Found, Install
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("desk")]

ROWS = 20_000
"""Enough for an import to be met in the middle."""


async def put_down(page: httpx.AsyncClient) -> str:
    """Bring a long file in as the console does; the address of its page."""
    lines = "".join(f"Ann{n},07400{n:06},ann{n}@example.com\n" for n in range(ROWS))
    first = await page.get("/console/imports")
    token = re.search(r'data-csrf="([0-9a-f]+)"', first.text)
    assert token
    page.headers["X-CSRF-Token"] = token[1]
    files = {"file": ("long.csv", f"First name,Phone,Email\n{lines}".encode())}
    chosen = await page.post("/console/imports", data=form_at(first, "/console/imports"), files=files)
    there = chosen.headers["location"]
    put = await page.post(there, data=form_at(await page.get(there), there))
    assert put.status_code == 303, words(put)
    return put.headers["location"]


async def test_an_import_whose_worker_is_killed_is_done_by_another_from_its_beginning(install: Install, found: Found):
    here = install()
    await here.serve("api")
    worker, us = await asyncio.gather(here.worker(), found(here))
    token = us.http.headers["Authorization"].removeprefix("Bearer ")
    async with (
        httpx.AsyncClient(base_url=here.url, cookies={"fd_session": token}, timeout=60) as page,
        here.database() as database,
    ):
        address = await put_down(page)

        async def shows(what: str) -> bool:
            return re.search(what, words(await page.get(address))) is not None

        await until(lambda: shows(rf"[1-9][\d,]* of {ROWS:,} rows"), 60)
        await worker.kill()
        assert (await us.get("leads"))["pagination"]["total"] == 0
        [dataset] = (await us.get("datasets"))["datasets"]
        assert dataset["total_leads"] == 0
        await grow_old(database, address.rpartition("/")[2])
        assert await shows("The program stopped in the middle of it. Nothing of the file is in the list. Run it again")
        await here.worker()
        await until(lambda: shows(f"{ROWS:,} leads imported"), 60)
    assert (await us.get("leads"))["pagination"]["total"] == ROWS
    [dataset] = (await us.get("datasets"))["datasets"]
    assert dataset["total_leads"] == ROWS
    status, said = await here.run("admin", "verify-consent")
    assert (status, "imported" in said) == (0, True), said


async def grow_old(database: asyncpg.Connection, import_id: str) -> None:
    """Let the import's last sign of life be longer ago than a worker ever is silent."""
    org_id = await database.fetchval("select org_id from organizations")
    async with database.transaction():
        await database.execute("set local role frontdesk_app")
        await database.execute("select set_config('app.org_id', $1, true)", str(org_id))
        changed = await database.execute(
            "update imports set seen_at = seen_at - interval '1 minute' where id = $1::text::uuid", import_id
        )
        assert changed == "UPDATE 1"
