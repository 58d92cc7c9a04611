"""Knowledge: facts added, tried, changed, deleted and brought back."""

import re

from tests.console.conftest import Browser, words
from tests.fixtures.organizations import Organization

from frontdesk.domain.agents import service as agents
from frontdesk.domain.agents.model import KnowledgeItem
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works


async def facts(works: Works, org: Organization) -> list[KnowledgeItem]:
    async with works.begin(org.actor) as work:
        return await agents.list_facts(work)


async def add(works: Works, org: Organization, title: str = "Guarantee", body: str = "Ten years.") -> KnowledgeItem:
    async with works.begin(org.actor) as work:
        return await agents.save_fact(work, None, title, body)


async def test_a_fact_is_added(owner: Browser, works: Works, org: Organization):
    assert "The assistant knows nothing yet" in words(await owner.get("/knowledge"))
    shown = await owner.page(await owner.post("/knowledge", title="Guarantee", body="Ten years.\r\nOn fitting."))
    assert "“Guarantee” is saved." in shown
    assert [(fact.title, fact.body) for fact in await facts(works, org)] == [("Guarantee", "Ten years.\nOn fitting.")]


async def test_an_empty_fact_is_refused_and_kept_in_the_form(owner: Browser):
    answer = await owner.post("/knowledge", title="", body="Ten <years>")
    assert answer.status_code == 400
    assert "A title needs 1 to 200 characters." in words(answer)
    assert "Ten &lt;years&gt;</textarea>" in answer.text


async def test_a_question_shows_the_facts_that_match(owner: Browser, works: Works, org: Organization):
    await add(works, org)
    await add(works, org, "Opening hours", "Monday to Friday.")
    tried = words(await owner.get("/knowledge?q=do you guarantee it")).partition("Facts")[0]
    assert "Ten years." in tried
    assert "Monday to Friday." not in tried
    assert "No fact shares a word with that" in words(await owner.get("/knowledge?q=zebras"))
    assert (await owner.get("/knowledge?q=%00'")).status_code == 200


async def test_a_fact_is_changed(owner: Browser, works: Works, org: Organization):
    fact = await add(works, org)
    assert "Ten years." in (await owner.get(f"/knowledge/{fact.id}")).text
    assert (await owner.post(f"/knowledge/{fact.id}", title="Guarantee", body="")).status_code == 400
    await owner.page(await owner.post(f"/knowledge/{fact.id}", title="Guarantee", body="Twelve years."))
    assert [each.body for each in await facts(works, org)] == ["Twelve years."]


async def test_a_deleted_fact_can_be_brought_back(owner: Browser, works: Works, org: Organization):
    fact = await add(works, org, body="\nTen years, & more.")
    answer = await owner.post(f"/knowledge/{fact.id}/delete")
    assert "“Guarantee” is deleted." in words(answer)
    assert await facts(works, org) == []
    kept = re.search(r'<textarea name="body" hidden>(.*?)</textarea>', answer.text, re.DOTALL)
    assert kept
    assert kept[1].strip() == "Ten years, &amp; more."


async def test_a_viewer_reads_and_does_not_write(viewer: Browser, works: Works, org: Organization):
    fact = await add(works, org)
    shown = await viewer.get("/knowledge")
    assert "Ten years." in words(shown)
    assert 'method="post" action="/console/knowledge' not in shown.text
    assert (await viewer.get(f"/knowledge/{fact.id}")).status_code == 403
    for path in ("/knowledge", f"/knowledge/{fact.id}", f"/knowledge/{fact.id}/delete"):
        assert (await viewer.post(path, title="X", body="Y")).status_code == 403


async def test_next_door_and_nonsense_are_not_found(stranger: Browser, works: Works, org: Organization):
    fact = await add(works, org)
    for wrong in (fact.id, new_id(), "nonsense"):
        assert (await stranger.get(f"/knowledge/{wrong}")).status_code == 404
        assert (await stranger.post(f"/knowledge/{wrong}/delete")).status_code == 404
