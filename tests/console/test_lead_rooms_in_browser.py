"""The rooms of leads in a real browser: what scripts add, that nothing needs them, and that everybody can use them."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, expect
from tests.contracts.clients import make_token
from tests.fixtures.business import RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.app import build_app
from frontdesk.console.app import console_app
from frontdesk.console.state import House
from frontdesk.contracts._http.dispatcher import Mount
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.service import sending as campaign_sending
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.service import inbound, sending, threads
from frontdesk.domain.leads.model import LeadFilter
from frontdesk.domain.leads.service import datasets, imports, leads
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import Rejected
from frontdesk.process import listen

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CSV = b"""First Name,Surname,Mobile,E-mail,Interested in
Dana,Fox,07700 900301,dana@example.com,Loft
Bo,Ash,07700 900302,bo@example.com,Kitchen
Bo,Again,07700900302,bo2@example.com,Kitchen
Cy,Short,12,cy@example.com,Loft
"""


@dataclasses.dataclass
class Served:
    """The console on a socket, with a list that was imported and whose campaign has started."""

    url: str
    token: str
    dataset: str
    import_id: str
    upload: str
    lead: str
    barred: str


@pytest.fixture
async def served(
    house: House, context: Context, committed_works: Works, committed_org: Organization
) -> AsyncIterator[Served]:
    """`house`, on a database of its own."""
    org, works = committed_org, committed_works
    world = dataclasses.replace(context, works=works)
    app: Any = build_app(
        world, house.settings, house.secrets,
        mounts=[Mount("console", "/console", console_app(dataclasses.replace(house, context=world)))],
    )  # fmt: skip
    bound = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=2))
    server.install_signal_handlers = lambda: None  # pyright: ignore

    async def chunks() -> AsyncIterator[bytes]:
        yield CSV

    async with works.begin(org.actor) as work:
        dataset = await datasets.create(work, "Spring")
    upload = await imports.upload(world, org.actor, "old leads.csv", chunks())
    mapping = {str(column.suggested_mapping): column.name for column in upload.columns if column.suggested_mapping}
    outcome = await campaigns.import_leads(world, org.actor, upload.id, dataset.id, mapping)
    async with works.begin(org.actor) as work:
        await campaigns.start(work, dataset.id)
        one, other = (await leads.page(work, LeadFilter())).items
        await contactability.suppress_by_hand(work, other.id)
    token = await make_token(works, house.secrets, org)
    serving = asyncio.create_task(server.serve([bound]))
    while not server.started:
        await asyncio.sleep(0.02)
    yield Served(
        f"http://127.0.0.1:{bound.getsockname()[1]}", token, str(dataset.id), str(outcome.result.id), str(upload.id),
        str(one.id), str(other.id),
    )  # fmt: skip
    server.should_exit = True
    await serving


async def opened(chrome: Browser, served: Served, **how: Any) -> tuple[BrowserContext, Page, list[str]]:
    """A window of the owner's, and what its console complains of."""
    window = await chrome.new_context(base_url=served.url, **how)
    await window.add_cookies([{"name": "fd_session", "value": served.token, "url": f"{served.url}/console"}])
    window.set_default_timeout(60_000)
    page = await window.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    return window, page, problems


async def test_search_as_you_type(chrome: Browser, served: Served):
    window, page, problems = await opened(chrome, served)
    await page.goto("/console/leads")
    await page.locator("#f-q").press_sequentially("dan")
    await expect(page.locator("#found")).to_have_text("1 lead")
    await expect(page).to_have_url(f"{served.url}/console/leads?q=dan")
    await page.select_option("select[name=status]", "HOT")
    await expect(page.locator("#results")).to_contain_text("Nobody like that")
    assert problems == []
    await window.close()


async def test_texts_are_shown_while_they_are_typed(chrome: Browser, served: Served):
    window, page, problems = await opened(chrome, served)
    await page.goto(f"/console/campaigns/{served.dataset}/texts")
    await page.fill("textarea[name=m1]", "Aloha {first_name}: {service_interest}")
    await expect(page.locator("#previews")).to_contain_text("Aloha Dana: Loft")
    await page.fill("textarea[name=m2]", "Hi {nope}")
    await expect(page.locator("#previews")).to_contain_text("There is no field {nope}.")
    assert problems == []
    await window.close()


async def test_a_dropped_file_is_the_chosen_one(chrome: Browser, served: Served):
    window, page, problems = await opened(chrome, served)
    await page.goto("/console/imports")
    dropped = await page.evaluate_handle(
        "() => { const d = new DataTransfer(); d.items.add(new File(['a,b'], 'dropped.csv')); return d; }"
    )
    await page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    await expect(page.locator("[data-drop-name]")).to_have_text("dropped.csv")
    assert await page.eval_on_selector("#f-file", "input => input.files[0].name") == "dropped.csv"
    assert problems == []
    await window.close()


async def test_without_scripts_everything_works(chrome: Browser, served: Served):
    window, page, _ = await opened(chrome, served, java_script_enabled=False)
    await page.goto("/console/leads")
    await page.fill("#f-q", "dan")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#found")).to_have_text("1 lead")
    await page.get_by_role("link", name="Dana Fox").click()
    await page.get_by_role("button", name="Archive").click()
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(page.locator("main")).to_contain_text("back among the leads in use")
    await page.goto(f"/console/campaigns/{served.dataset}")
    await page.get_by_role("button", name="End").click()
    await page.get_by_role("button", name="End it").click()
    await expect(page.locator("main")).to_contain_text("Ended.")
    await window.close()


async def test_every_page_is_accessible_and_fits(
    chrome: Browser, served: Served, context: Context, committed_works: Works, committed_org: Organization
):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python -m frontdesk.console.assets --dev")
    dead, under_way, undone, talk, held = await busy(dataclasses.replace(context, works=committed_works), committed_org)
    window, page, problems = await opened(chrome, served, reduced_motion="reduce")
    campaign, lead = f"/console/campaigns/{served.dataset}", f"/console/leads/{served.lead}"
    paths = [
        "/console", "/console/leads", "/console/leads?q=nobody", lead, f"/console/leads/{served.barred}",
        f"{lead}/edit", f"{lead}/suppress", "/console/imports", f"/console/imports/{served.upload}",
        f"/console/imports/done/{served.import_id}", dead, under_way, undone, "/console/campaigns", campaign,
        f"{campaign}/start", f"{campaign}/texts", f"{campaign}/settings", f"{campaign}/imports", f"{campaign}/delete",
        "/console/inbox", "/console/inbox?only=closed", talk, held,
    ]  # fmt: skip
    found: list[str] = []
    axe = AXE.read_text()
    for width, theme in ((1280, "light"), (375, "dark")):
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=theme)  # before a page is there: colours change slowly on one that is
        for path in paths:
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{path}: wider than {width}")
            await page.evaluate(axe)
            told = await page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
            for violation in told["violations"]:
                nodes = [f"{node['html'][:150]} ({node['failureSummary'][:200]})" for node in violation["nodes"]]
                found.append(f"{path} {theme}: {violation['id']}: {nodes[:3]}")
    await window.close()
    assert found == []
    assert problems == []


async def busy(context: Context, org: Organization) -> tuple[str, str, str, str, str]:
    """What a week leaves behind: leads for pages, texts that fail, conversations, and imports that died, run, and were
    undone. The paths of those three, of a conversation with a draft and of one that a person has."""
    works = context.works

    async def chunks(prefix: str, count: int) -> AsyncIterator[bytes]:
        rows = "".join(f"Lead{i},07700 900{prefix}{i:02}\n" for i in range(count))
        yield f"First name,Mobile\n{rows}".encode()

    async def uploaded(prefix: str, count: int) -> tuple[UUID, UUID, dict[str, str]]:
        async with works.begin(org.actor) as work:
            dataset = await datasets.create(work, f"A list with a name that is as long as people make them, {prefix}")
        upload = await imports.upload(context, org.actor, f"{prefix}.csv", chunks(prefix, count))
        return upload.id, dataset.id, {"first_name": "First name", "phone_number": "Mobile"}

    await campaigns.import_leads(context, org.actor, *await uploaded("5", 70))
    undone = (await campaigns.import_leads(context, org.actor, *await uploaded("6", 5))).result.id
    async with works.begin(org.actor) as work:
        await campaigns.undo_import(work, undone)
    dying, running = await uploaded("7", 5), await uploaded("8", 5)
    async with works.begin(org.actor) as work:
        dead = (await imports.begin_later(work, *dying)).id
        await work.execute("update imports set state = 'failed', problem = 'The file is gone.' where id = $1", dead)
        runs = (await imports.begin_later(work, *running)).id
        await work.execute(
            "update imports set state = 'running', rows_read = 2, seen_at = $2 where id = $1", runs, work.now
        )
    talks: list[UUID] = []
    carrier = context.carriers["sandbox"]
    assert isinstance(carrier, RememberingCarrier)
    carrier.fail_with = [Rejected("21614", "not a mobile")]
    await campaign_sending.run_due(context)
    for place, number in enumerate(("+447700900501", "+447700900502")):
        await inbound.receive(context, org.number, number, "How much is it?", "sandbox", f"SM{place}")
        async with works.begin(org.actor) as work:
            known = await leads.of_phone(work, number)
            assert known is not None
            thread = await threads.thread_of_lead(work, known.id)
            assert thread is not None
            talks.append(thread.conversation.id)
            if place:
                await threads.take_over(work, thread.conversation.id)
        if not place:
            await sending.draft_reply(context, org.actor, known.id, talks[0], force=True)
    done = "/console/imports/done"
    return f"{done}/{dead}", f"{done}/{runs}", f"{done}/{undone}", *(f"/console/inbox/{talk}" for talk in talks[:2])
