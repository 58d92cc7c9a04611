"""What holds for every page: headers, problems, questions asked without a script, rooms by permission."""

import re

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.organizations import Organization

from frontdesk.kernel.access import Role

PAGES = [
    "", "/inbox", "/leads", "/imports", "/campaigns", "/calendar", "/knowledge", "/simulator", "/mail", "/team",
    "/keys", "/settings", "/jobs", "/account", "/organizations",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_every_room_opens_for_its_owner(owner: Browser, path: str):
    answer = await owner.get(path)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert " style=" not in answer.text, "the policy forbids styles in elements"
    assert not re.search(r"<script(?! defer src)", answer.text), "the policy forbids scripts in pages"
    assert not re.search(r"\son[a-z]+=", answer.text), "the policy forbids handlers in elements"
    ids = re.findall(r'\sid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids)), "ids are unique"


async def test_rooms_are_shown_to_who_may_use_them(browser_for: BrowserFor, org: Organization):
    viewer = await browser_for(org, Role.VIEWER)

    page = (await viewer.get("")).text

    assert "/console/leads" in page
    assert "/console/jobs" not in page
    assert "/console/keys" not in page


async def test_what_is_not_there_is_said_on_a_page(owner: Browser):
    for path in ("/nowhere", "/inbox/1", "/leads/01a20122-3f55-76f0-bf22-2b69f2ca7250"):
        answer = await owner.get(path)
        assert answer.status_code == 404
        assert "Not found" in words(answer)


async def test_a_script_is_told_in_its_own_way(owner: Browser, browser_for: BrowserFor):
    answer = await owner.get("/inbox/1", headers={"hx-request": "true"})
    assert answer.status_code == 404
    assert answer.headers["hx-reswap"] == "none"
    assert "toast" in answer.headers["hx-trigger"]

    answer = await (await browser_for()).get("/inbox", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/console/sign-in")


async def test_a_question_is_asked_on_a_page_where_no_script_asked_it(owner: Browser):
    fields = {"asks": "End everything?", "asks_verb": "End it", "name": "kept & safe"}

    answer = await owner.post("/account/name", first_name="Olive", **fields)

    assert answer.status_code == 200
    assert "End everything?" in words(answer)
    assert 'name="name" value="kept &amp; safe"' in answer.text
    assert 'name="asks"' not in answer.text
    asked = await owner.post("/account/name", first_name="Olive", asked="yes", **fields)
    assert asked.status_code == 303


async def test_static_files_are_kept_for_good_under_their_mark(owner: Browser):
    page = (await owner.get("")).text
    sheet = re.search(r'href="(/console/static/css/tokens\.css\?v=[0-9a-f]+)"', page)
    assert sheet

    assert "immutable" in (await owner.client.get(sheet[1])).headers["cache-control"]
    assert "immutable" not in (await owner.get("/static/css/tokens.css")).headers["cache-control"]
    assert (await owner.get("/static/../app.py")).status_code == 404


async def test_a_notice_that_we_did_not_seal_is_not_shown(owner: Browser):
    owner.client.cookies.set("fd_flash", "eyJnb29kIjoiSGkiLCJ1bmRvIjoiL3gifQ==.0000", path="/console")

    assert '<div class="notice good"' not in (await owner.get("/team")).text
