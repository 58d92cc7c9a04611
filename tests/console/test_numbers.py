"""The organisation's numbers in the console: searched, bought once and after a question, and who answers them."""

import re

from tests.console.conftest import Browser, words


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
