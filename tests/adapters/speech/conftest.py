"""Outside providers of speech, at a fake on a real socket."""

from collections.abc import AsyncIterator

import pytest
from tests.fixtures.speech import Vendors, fake_vendors


@pytest.fixture
async def vendors() -> AsyncIterator[Vendors]:
    """All of them, running."""
    async with fake_vendors() as running:
        yield running
