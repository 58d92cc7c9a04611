"""A real model answers leads and books their calls by its tools; when it hangs, the offline brain takes its place."""

from datetime import datetime

import pytest
from tests.adapters.models.providers import KEY, Asked, Calls, Fails, Move, Waits, answers, serving
from tests.end_to_end.business import business, handsets
from tests.end_to_end.conftest import Install
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("desk")]

MODEL = "anthropic:claude-haiku-5-5"


def sensible(asked: Asked) -> Move:
    """What a model does that means well: looks when is free, offers two times, books the one that is picked."""
    day, hours = next((day, hours) for day, hours in asked.brief["free_times"].items() if len(hours) > 2)
    date = day.split()[1]
    local = datetime.fromisoformat(date)
    times = [f"{date} {hour}" for hour in hours[:2]]
    if not asked.results:
        return Calls([("check_availability", {"first_day": date, "last_day": date})])
    if "first" in asked.brief["conversation"][-1]["text"]:
        text = f"Great, you're booked for {local:%A} {local.day} {local:%B} at {hours[0]}. Speak then!"
        return answers(text, ("book", {"time": times[0]}), intent="picks_slot")
    text = f"Happy to! Would {local:%A} {local.day} {local:%B} at {hours[0]} or {hours[1]} suit you?"
    return answers(text, ("offer_times", {"times": times}), intent="wants_call")


async def test_a_model_books_a_call_and_is_stood_in_for_when_it_hangs(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving() as provider:
        provider.improvise(sensible)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.url)
        desk = install(MODEL=MODEL, MODEL_TIMEOUT="10")
        await desk.serve("up")
        async with business(desk.url) as us:
            keen, asking = numbers = handsets(2)
            dataset_id = await us.campaign(numbers, m2_delay_hours=1000, m3_delay_hours=1000)

            async def has(number: str, count: int) -> bool:
                return len(await us.received(number)) >= count

            for number in numbers:
                await until(lambda number=number: has(number, 1), 60)
            await us.text(keen, "yes please, could you call me some time?")
            await until(lambda: has(keen, 2), 60)
            assert (await us.received(keen))[1].startswith("Happy to! Would ")
            await us.text(keen, "the first one is good")
            await until(lambda: has(keen, 3), 60)
            lead = (await us.get(f"leads/{(await us.leads(dataset_id))[keen]['id']}"))["lead"]
            assert lead["contact_status"] == "CALL_BOOKED"
            assert lead["call_booked_time"]

            provider.improvise(lambda _: Waits(600, Fails(500)))
            await us.text(asking, "what do you need from me?")
            await until(lambda: has(asking, 2), 60)
            await us.text(asking, "and when could you call?")
            await until(lambda: has(asking, 3), 60)

        async with desk.database() as database:
            made = await database.fetch(
                """select recipient, ai_model, ai_prompt, ai_action from messages
                   where category = 'ai_response' order by id"""
            )
        assert [(row["recipient"], row["ai_model"], row["ai_action"]) for row in made[:2]] == [
            (keen, MODEL, "offer_slots"), (keen, MODEL, "book"),
        ]  # fmt: skip
        assert {row["ai_prompt"] for row in made[:2]} != {None}
        assert [(row["ai_model"], row["ai_prompt"]) for row in made[2:]] == [("offline", None)] * 2
        assert provider.wrong == []
