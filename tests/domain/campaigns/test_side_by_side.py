"""Texts are worded and claimed at the same time, by several processes: nobody waits, nobody gets two."""

import asyncio
import dataclasses
from collections import Counter

import pytest
from tests.adapters.models.providers import ANSWER, KEY, Asked, Calls, Move, Waits, serving
from tests.fixtures.organizations import Organization

from frontdesk.adapters.models.opening import open_model
from frontdesk.domain.campaigns.model import HEAD_START, SettingsChange
from frontdesk.domain.campaigns.service import campaigns, personalising, sending
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.database import Works

pytestmark = pytest.mark.committed

LEADS = 40
MARK = "Still looking?"


@pytest.fixture
def works(committed_works: Works) -> Works:
    return committed_works


@pytest.fixture
def org(committed_org: Organization) -> Organization:
    return committed_org


def slowly(asked: Asked) -> Move:
    text = asked.brief["message"].replace("Are you still looking into it?", MARK)
    return Waits(0.02, Calls([(ANSWER, {"text": text})]))


async def test_nobody_gets_two_texts_while_a_model_words_them(
    context, org, carrier, a_dataset, a_lead, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    made = await a_dataset()
    for _ in range(LEADS):
        await a_lead(dataset=made)
    async with serving() as provider:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.url)
        provider.improvise(slowly)
        async with open_model("anthropic:claude-haiku-5-5", 10.0) as models:
            world = dataclasses.replace(context, writer=models.writer)
            async with world.works.begin(org.actor) as work:
                await campaigns.start(work, made.id, SettingsChange(rate_per_minute=300, personalise=True))
            await personalising.write_ahead(world)  # the first twenty
            clock.move(HEAD_START)

            async def send() -> None:
                while len(carrier.taken) < LEADS:
                    if not await sending.run_due(world):
                        clock.move(HEAD_START / 60)

            async with asyncio.timeout(60):
                await asyncio.gather(send(), send(), personalising.write_ahead(world))
        assert provider.wrong == []
    assert Counter(text.to for text in carrier.taken) == Counter({text.to: 1 for text in carrier.taken})
    assert len(carrier.taken) == LEADS
    worded = sum(MARK in text.body for text in carrier.taken)
    assert personalising.BATCH <= worded <= LEADS
    async with world.works.read(org.actor) as work:
        assert (await personalising.figures(work, made.id)).sent == worded
