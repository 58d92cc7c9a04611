"""The editor with a model: the setting, what it makes of a text for some leads, and what is said without one."""

import dataclasses
from collections.abc import AsyncIterator

import pytest
from tests.adapters.models.providers import ANSWER, KEY, Asked, Calls, Fails, FakeProvider, Move, serving
from tests.console.conftest import Browser, words
from tests.console.reading import error_of, form_at
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.adapters.models.opening import open_model
from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns, personalising
from frontdesk.domain.leads.model import Dataset
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

MODEL = "openai:gpt-6-luna"


def rewords(asked: Asked) -> Move:
    text = asked.brief["message"].replace("Are you still looking into it?", "Still keen?")
    return Calls([(ANSWER, {"text": text + " Yours for £1!" if "Zoë" in text else text})])


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeProvider]:
    async with serving() as fake:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{fake.url}/v1")
        fake.improvise(rewords)
        yield fake
    assert fake.wrong == []


@pytest.fixture
async def modelled(context: Context, provider: FakeProvider) -> AsyncIterator[Context]:
    async with open_model(MODEL, 5.0) as models:
        yield dataclasses.replace(context, llm=models.brain, writer=models.writer)


@pytest.fixture
async def house(house, modelled: Context):
    return dataclasses.replace(house, context=modelled)


@pytest.fixture
async def spring(a_dataset: MakeDataset, a_lead: MakeLead) -> Dataset:
    """A list with three leads, one of which has opted out."""
    dataset = await a_dataset("Spring")
    await a_lead(first_name="Dana", service_interest="a loft", dataset=dataset)
    await a_lead(first_name="Zoë", service_interest="a loft", dataset=dataset)
    await a_lead(first_name="Olaf", stage="opted_out", dataset=dataset)
    return dataset


async def test_the_setting_is_kept_with_the_texts(owner: Browser, spring: Dataset, works: Works, org: Organization):
    there = f"/campaigns/{spring.id}/texts"
    form = form_at(await owner.get(there), f"/console{there}")
    assert ("personalise" in form, form["personalised_per_day"]) == (False, "500")
    assert "Saved." in await owner.page(
        await owner.post(there, **form | {"personalise": "on", "personalised_per_day": "1,200"})
    )
    async with works.begin(org.actor) as work:
        campaign = await campaigns.get_campaign(work, spring.id)
    assert (campaign.personalise, campaign.personalised_per_day, campaign.m1_template) == (True, 1200, None)
    wrong = await owner.post(there, **form | {"personalise": "on", "personalised_per_day": "many"})
    assert wrong.status_code == 400
    assert "A whole number" in error_of(wrong, "personalised_per_day")
    await owner.post(there, m1="", m2="", m3="")  # who knows nothing of the setting does not change it
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).personalise
    del form["m1"]
    await owner.post(there, m1="", **form)
    async with works.begin(org.actor) as work:
        assert not (await campaigns.get_campaign(work, spring.id)).personalise


async def test_a_preview_shows_what_the_model_writes_beside_the_text(owner: Browser, spring: Dataset):
    shown = words(await owner.post(f"/campaigns/{spring.id}/texts/personalised", m1="", m2="", m3="", step="1"))
    assert "M1 for Dana As written Hi Dana, it's" in shown
    assert f"Worded by {MODEL} Hi Dana, it's" in shown
    assert "Still keen? Text STOP to opt out." in shown
    assert "M1 for Zoë" in shown
    assert "£1" not in shown
    assert "Not used: a price or figure that is not in the text. This lead would read the text as written." in shown
    assert "Olaf" not in shown
    wrong = words(await owner.post(f"/campaigns/{spring.id}/texts/personalised", m1="Hi {nam}", m2="", m3="", step="1"))
    assert "There is no field {nam}." in wrong
    typed = {"m1": "", "m2": "Still there, {first_name}?", "m3": "", "step": "2"}
    shown = words(await owner.post(f"/campaigns/{spring.id}/texts/personalised", **typed))
    assert "As written Still there, Dana?" in shown


async def test_a_preview_says_why_there_is_none(
    owner: Browser, spring: Dataset, provider: FakeProvider, works: Works, org: Organization
):
    there = f"/campaigns/{spring.id}/texts/personalised"
    provider.play(Fails(500))
    assert "The model could not be had just now." in words(await owner.post(there, m1="", m2="", m3="", step="1"))
    async with works.begin(org.actor) as work:
        await campaigns.change_settings(work, spring.id, SettingsChange(personalised_per_day=3))
    assert "as many texts today" in words(await owner.post(there, m1="", m2="", m3="", step="1"))


async def test_how_it_goes_is_told(owner: Browser, spring: Dataset, works: Works, org: Organization, modelled: Context):
    async with works.begin(org.actor) as work:
        await campaigns.start(work, spring.id, SettingsChange(personalise=True))
    await personalising.write_ahead(modelled)
    page = words(await owner.get(f"/campaigns/{spring.id}/texts"))
    assert "1 text worded so far, 0 sent; 2 asked for in the last 24 hours." in page
    assert "1 a price or figure that is not in the text" in page


async def test_who_may_only_look_has_no_preview(viewer: Browser, stranger: Browser, spring: Dataset, provider):
    assert "Show what the model writes" not in (await viewer.get(f"/campaigns/{spring.id}/texts")).text
    there = f"/campaigns/{spring.id}/texts/personalised"
    assert (await viewer.post(there, m1="", m2="", m3="", step="1")).status_code == 403
    assert (await stranger.post(there, m1="", m2="", m3="", step="1")).status_code == 404
    assert provider.asked == []
