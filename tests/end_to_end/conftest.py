"""The program in processes of its own, for tests at the level of its users."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from tests.end_to_end.business import Business, business
from tests.end_to_end.installation import Installation

Install = Callable[..., Installation]
Found = Callable[..., Awaitable[Business]]


@pytest.fixture(scope="session")
async def migrated() -> AsyncIterator[Path]:
    """A data directory with a migrated database in which nothing runs. To be copied, not used."""
    installation = Installation()
    try:
        status, said = await installation.run("migrate")
        assert status == 0, said
        yield installation.data_dir
    finally:
        await installation.close()


@pytest.fixture
async def install(migrated: Path) -> AsyncIterator[Install]:
    """Makes installations of the test's own, migrated ones unless told `fresh`."""
    made: list[Installation] = []

    def make(*, fresh: bool = False, **settings: str) -> Installation:
        made.append(Installation(None if fresh else migrated, **settings))
        return made[-1]

    yield make
    for installation in made:
        await installation.close()


@pytest.fixture(scope="session")
async def desk(migrated: Path) -> AsyncIterator[Installation]:
    """`frontdesk up`, shared by tests that each are a business of their own in it."""
    installation = Installation(migrated)
    try:
        await installation.serve("up")
        yield installation
    finally:
        await installation.close()


@pytest.fixture
async def found() -> AsyncIterator[Found]:
    """Founds businesses, each at the server of an installation."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(at: Installation, name: str = "Harbour Kitchens") -> Business:
            return await stack.enter_async_context(business(at.url, name))

        yield make
