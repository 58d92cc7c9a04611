"""Calls that come while one is under way are made together; nobody waits for company, and one's trouble is its own."""

import asyncio

import pytest
from tests.fixtures.waiting import until

from frontdesk.platform.together import Together


class Doing:
    """Something that is done for numbers when it is let go on, and refuses 13, alone or in company."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.go_on = asyncio.Event()

    async def __call__(self, items: list[int]) -> list[str]:
        self.calls.append(items)
        await self.go_on.wait()
        if 13 in items:
            raise ValueError("13")
        return [f"did {item}" for item in items]


def _together(*, most: int, lanes: int, patience: float) -> Together[int, str]:
    return Together(most=most, lanes=lanes, patience=patience, key=lambda number: number)


async def test_who_comes_alone_is_done_at_once_and_who_comes_meanwhile_together() -> None:
    doing, together = Doing(), _together(most=3, lanes=2, patience=60)
    asked = [asyncio.create_task(together(number, doing)) for number in range(8)]
    await asyncio.sleep(0)
    assert doing.calls == [[0]]
    doing.go_on.set()
    assert await asyncio.gather(*asked) == [f"did {number}" for number in range(8)]
    assert doing.calls == [[0], [1, 2, 3], [4, 5, 6], [7]]
    assert await together(9, doing) == "did 9"


async def test_nobody_waits_for_long_behind_a_call_that_does_not_end() -> None:
    doing, together = Doing(), _together(most=2, lanes=3, patience=0.001)
    asked = [asyncio.create_task(together(number, doing)) for number in range(8)]
    await until(lambda: doing.calls == [[0], [1, 2], [3, 4]])
    later = asyncio.create_task(together(8, doing))
    await asyncio.sleep(0.02)
    assert len(doing.calls) == 3
    doing.go_on.set()
    assert await asyncio.gather(*asked, later) == [f"did {number}" for number in range(9)]


async def test_the_trouble_of_one_is_not_that_of_its_company() -> None:
    doing, together = Doing(), _together(most=8, lanes=1, patience=60)
    asked = [asyncio.create_task(together(number, doing)) for number in (1, 2, 13, 3)]
    await asyncio.sleep(0)
    doing.go_on.set()
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(one) for one in done] == ["did 1", "did 2", "13", "did 3"]
    assert doing.calls == [[1], [2, 13, 3], [2], [13], [3]]
    with pytest.raises(ValueError, match="13"):
        await together(13, doing)
    assert await together(4, doing) == "did 4"


async def test_one_that_gives_up_leaves_the_others_their_answers() -> None:
    doing, together = Doing(), _together(most=8, lanes=1, patience=60)
    asked = [asyncio.create_task(together(number, doing)) for number in (1, 2, 3)]
    await asyncio.sleep(0)
    asked[1].cancel()
    doing.go_on.set()
    assert await asyncio.gather(*asked[::2]) == ["did 1", "did 3"]
    assert await together(4, doing) == "did 4"


async def test_what_has_the_same_key_is_done_one_after_another_as_it_came() -> None:
    doing, together = Doing(), _together(most=3, lanes=1, patience=60)
    asked = [asyncio.create_task(together(number, doing)) for number in (0, 1, 1, 2, 1, 3, 4)]
    await asyncio.sleep(0)
    doing.go_on.set()
    assert await asyncio.gather(*asked) == [f"did {number}" for number in (0, 1, 1, 2, 1, 3, 4)]
    assert doing.calls == [[0], [1, 2, 3], [1, 4], [1]]


async def test_the_next_call_has_begun_when_who_was_waited_for_goes_on() -> None:
    doing, together = Doing(), _together(most=1, lanes=1, patience=60)
    begun: list[int] = []

    async def ask(number: int) -> None:
        await together(number, doing)
        begun.append(len(doing.calls))

    asked = [asyncio.create_task(ask(number)) for number in range(4)]
    await asyncio.sleep(0)
    doing.go_on.set()
    await asyncio.gather(*asked)
    assert begun[1:] == [3, 4, 4]


async def test_one_key_takes_one_lane_however_long_its_call_takes() -> None:
    doing, together = Doing(), _together(most=2, lanes=3, patience=0.001)
    asked = [asyncio.create_task(together(number, doing)) for number in (1, 1, 1, 1)]
    await asyncio.sleep(0.02)
    asked.append(asyncio.create_task(together(2, doing)))
    await until(lambda: doing.calls == [[1], [2]])
    doing.go_on.set()
    assert await asyncio.gather(*asked) == ["did 1"] * 4 + ["did 2"]
    assert doing.calls == [[1], [2], [1], [1], [1]]


async def test_who_is_done_after_all_does_not_wait_for_the_rest_of_a_company_that_failed() -> None:
    held = asyncio.Event()
    calls: list[list[int]] = []

    async def do(items: list[int]) -> list[str]:
        calls.append(items)
        await asyncio.sleep(0)
        if len(items) > 1:
            raise ValueError("not together")
        if items == [3]:
            await held.wait()
        return [f"did {items[0]}"]

    together = _together(most=8, lanes=1, patience=60)
    asked = [asyncio.create_task(together(number, do)) for number in (1, 2, 3)]
    assert await asyncio.gather(*asked[:2]) == ["did 1", "did 2"]
    assert not asked[2].done()
    held.set()
    assert await asked[2] == "did 3"
    assert calls == [[1], [2, 3], [2], [3]]


async def test_a_call_that_answers_too_little_is_an_error_of_those_without_an_answer() -> None:
    async def do(items: list[int]) -> list[str]:
        await asyncio.sleep(0)
        return []

    together = _together(most=8, lanes=1, patience=60)
    asked = [asyncio.create_task(together(number, do)) for number in (1, 2, 3)]
    assert [type(one) for one in await asyncio.gather(*asked, return_exceptions=True)] == [ValueError] * 3
