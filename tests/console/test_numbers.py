"""The organisation's numbers in the console: searched, bought once and after a question, who answers, given back."""

import re

from tests.console.conftest import Browser, words
from tests.fixtures.organizations import Organization

from frontdesk.platform.context import Context


async def offered(owner: Browser, **wish: str) -> list[str]:
    """The numbers that a search offers."""
    answer = await owner.get("/numbers", params={"country": "US", **wish})
    assert answer.status_code == 200, words(answer)
    return re.findall(r'name="phone" value="(\+[0-9]+)"', answer.text)


async def test_a_number_is_searched_and_bought_after_a_question(owner: Browser) -> None:
    first, *_ = found = await offered(owner, area_code="212")
    assert all(phone.startswith("+1212") for phone in found)
    asking = await owner.post("/numbers/buy", phone=first, asks="Buy it?", asks_verb="Buy it")
    assert "Buy it?" in words(asking)
    assert "0 of 1 bought" in words(await owner.get("/numbers"))
    shown = await owner.page(await owner.post("/numbers/buy", phone=first))
    assert f"{first} is yours." in shown
    assert "1 of 1 bought" in shown
    second = (await offered(owner, area_code="212"))[0]
    assert second != first
    assert "The plan has room for 1 bought numbers" in await owner.page(await owner.post("/numbers/buy", phone=second))


async def test_who_answers_a_number_is_changed(owner: Browser) -> None:
    page = (await owner.get("/numbers")).text
    number = re.search(r'action="/console/numbers/([0-9a-f-]{36})"', page)
    assert number
    changed = await owner.post(f"/numbers/{number[1]}", friendly_name="Front office", answers="team")
    assert "saved, from the next call on" in await owner.page(changed)
    page = (await owner.get("/numbers")).text
    assert 'value="Front office"' in page
    assert 'value="team" selected' in page


async def test_what_cannot_be_searched_is_said_at_its_field(owner: Browser) -> None:
    answer = await owner.get("/numbers", params={"country": "US", "area_code": "abc"})
    assert answer.status_code == 400
    assert "An area code is digits." in answer.text.partition('id="f-area_code-says"')[2].partition("</div>")[0]
    assert "None is for sale like that" in words(await owner.get("/numbers?country=US&area_code=999"))


async def test_numbers_are_nobody_elses_to_change(owner: Browser, stranger: Browser, viewer: Browser) -> None:
    number = re.search(r'action="/console/numbers/([0-9a-f-]{36})"', (await owner.get("/numbers")).text)
    assert number
    assert (await stranger.post(f"/numbers/{number[1]}", answers="team")).status_code == 404
    assert (await viewer.post(f"/numbers/{number[1]}", answers="team")).status_code == 403
    assert (await viewer.post("/numbers/buy", phone="+12125550100")).status_code == 403
    assert "Save" not in words(await viewer.get("/numbers"))


async def test_a_number_is_given_back_after_it_was_said_what_is_lost(owner: Browser, viewer: Browser) -> None:
    first = (await offered(owner, area_code="212"))[0]
    await owner.post("/numbers/buy", phone=first)
    found = re.search(r'href="/console(/numbers/[0-9a-f-]{36}/give-back)"', (await owner.get("/numbers")).text)
    assert found
    asking = words(await owner.get(found[1]))
    assert "may sell it to somebody else" in asking
    assert "No call went over it in 30 days" in asking
    assert (await viewer.get(found[1])).status_code == 403
    assert (await viewer.post(found[1])).status_code == 403
    done = await owner.page(await owner.post(found[1]))
    assert "was given back." in done
    assert "0 of 1 bought" in done
    assert "Give back" not in done


async def test_what_is_in_doubt_is_shown_as_it_is(owner: Browser, org: Organization, context: Context) -> None:
    first, second, third, _, last, *_ = await offered(owner, area_code="212")
    await owner.post("/numbers/buy", phone=last)
    async with context.works.begin(org.actor) as work:
        await work.executemany(
            """insert into number_purchases (org_id, id, phone, provider, status, verdict, asked_at, settled_at)
               values ($1, gen_random_uuid(), $2, 'sandbox', $3, $4, $5, $5)""",
            [
                (org.id, first, "unknown", None, work.now), (org.id, second, "refused", "not_sold", work.now),
                (org.id, third, "refused", "not_told", work.now),
            ],
        )  # fmt: skip
        await work.execute("update numbers set leaving_at = $2 where phone = $1", last, work.now)
    page = words(await owner.get("/numbers"))
    assert "The carrier has not said yet whether it sold it." in page
    assert "The carrier did not sell it. Nothing was bought." in page
    assert "could not be asked for three days" in page
    assert "Being given back" in page
    assert "Give back" not in page
