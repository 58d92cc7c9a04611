"""A lead that writes and writes: one answer to a burst, a bound to the day, and a person after it. Over HTTP."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.reactivation.conftest import BASE
from tests.contracts.reactivation.test_webhooks import PATH, SigningCarrier, signed, text
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.adapters.offline.brain import OfflineBrain
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import OrganizationChange
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.ports.llm import Action, Brief, Intent, Reply, Sentiment


class Chatty(OfflineBrain):
    """Always has something to say, and counts how often it is asked; refusals it takes as the offline brain does."""

    def __init__(self) -> None:
        self.asked: list[Brief] = []

    async def reply(self, brief: Brief) -> Reply:
        self.asked.append(brief)
        plain = await super().reply(brief)
        if plain.stop_contact:
            return plain
        said = f"Tell me more ({len(self.asked)})"
        return Reply(said, Intent.QUESTION, Action.NONE, Sentiment.NEUTRAL, 0.9, "", model="chatty", prompt="v1")


@pytest.fixture
def carrier() -> SigningCarrier:
    return SigningCarrier()


@pytest.fixture
def brain() -> Chatty:
    return Chatty()


@pytest.fixture
def context(context: Context, brain: Chatty) -> Context:
    return replace(context, llm=brain)


@pytest.fixture
async def lead(a_lead: MakeLead) -> Lead:
    return await a_lead(stage="contacted", last_step=1)


@pytest.fixture
async def cron(client_for: ClientFor, secrets: Secrets) -> httpx.AsyncClient:
    return await client_for(base=BASE, Authorization=f"Bearer {secrets.cron_secret}")


async def test_fifty_texts_in_a_minute_get_one_answer(
    api, anonymous, cron, org: Organization, lead: Lead, carrier: SigningCarrier, brain: Chatty, clock: FrozenClock
):
    for number in range(50):
        form = text(org, str(lead.phone), f"and another thing {number}", f"SM{number}")
        assert (await anonymous.post(PATH, data=form, headers=signed(form))).status_code == 200
        clock.move(timedelta(seconds=1.2))
        if number % 10 == 0:
            await cron.get("/api/cron/process-ai-responses")
    clock.move(timedelta(seconds=61))
    for _ in range(3):
        await cron.get("/api/cron/process-ai-responses")
    assert carrier.texts_to(lead.phone) == ["Tell me more (1)"]
    assert len(brain.asked) == 1
    assert len(brain.asked[0].turns) <= 40
    assert brain.asked[0].turns[-1].text == "and another thing 49"
    told = (await api.get(f"/api/leads/{lead.id}")).json()["lead"]["conversation"]
    assert told["message_count"] == 51


async def test_a_lead_that_never_ends_is_left_to_a_person(
    api, anonymous, cron, works: Works, org: Organization, lead: Lead, carrier: SigningCarrier, brain: Chatty,
    clock: FrozenClock,
):  # fmt: skip
    async with works.begin(org.actor) as work:
        await organizations.update(work, OrganizationChange(ai_daily_cap=3))

    async def writes(number: int) -> None:
        form = text(org, str(lead.phone), f"go on {number}", f"SM{number}")
        await anonymous.post(PATH, data=form, headers=signed(form))
        clock.move(timedelta(seconds=61))
        await cron.get("/api/cron/process-ai-responses")

    for number in range(7):
        await writes(number)
    said = carrier.texts_to(lead.phone)
    assert said[:3] == ["Tell me more (1)", "Tell me more (2)", "Tell me more (3)"]
    assert len(said) == 4
    assert "colleague" in said[3]
    assert len(brain.asked) == 4
    told = (await api.get(f"/api/leads/{lead.id}")).json()["lead"]
    assert told["manual_mode"]
    assert told["conversation"]["status"] == "needs_human"

    clock.move(timedelta(days=1))
    async with works.begin(org.actor) as work:
        await leads.set_manual_mode(work, lead.id, False)
    await writes(8)
    assert carrier.texts_to(lead.phone)[-1] == "Tell me more (5)", "tomorrow is another day"


async def test_a_refusal_is_heeded_though_the_day_is_used_up(
    api, anonymous, cron, works: Works, org: Organization, lead: Lead, carrier: SigningCarrier, clock: FrozenClock
):
    async with works.begin(org.actor) as work:
        await organizations.update(work, OrganizationChange(ai_daily_cap=1))
    for number, words in enumerate(("hello", "stop texting me")):
        form = text(org, str(lead.phone), words, f"SM{number}")
        await anonymous.post(PATH, data=form, headers=signed(form))
        clock.move(timedelta(seconds=61))
        await cron.get("/api/cron/process-ai-responses")
    assert carrier.texts_to(lead.phone) == ["Tell me more (1)"]
    assert (await api.get(f"/api/leads/{lead.id}")).json()["lead"]["contact_status"] == "OPTED_OUT"
