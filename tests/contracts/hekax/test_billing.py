"""Usage and billing over the HEKAX API."""

from typing import Any

import httpx
import pytest


async def test_a_new_organisation_is_on_trial(api: httpx.AsyncClient) -> None:
    told = (await api.get("/api/usage")).json()
    assert told["callMinutes"] == told["aiMinutes"] == {"used": 0, "limit": 30, "percentage": 0, "addon": 0}
    assert (told["phoneNumbers"], told["teamMembers"]) == ({"current": 0, "limit": 1}, {"current": 1, "limit": 3})
    billing = (await api.get("/api/billing")).json()
    assert (billing["plan"], billing["status"], billing["amount"]) == ("TRIAL", "ACTIVE", 0)
    assert billing["nextBillingDate"] is None
    assert billing["currentPeriod"] == told["period"]


@pytest.mark.parametrize(
    ("query", "pieces"),
    [({}, 6), ({"period": "monthly", "months": "12"}, 12), ({"period": "weekly", "months": "1"}, None),
     ({"period": "daily", "months": "1"}, None)],
)  # fmt: skip
async def test_history_has_each_piece(api: httpx.AsyncClient, query: dict[str, Any], pieces: int | None) -> None:
    history = (await api.get("/api/usage/history", params=query)).json()["history"]
    assert len(history) == pieces or pieces is None
    assert all(piece["calls"] == 0 for piece in history)


@pytest.mark.parametrize("query", [{"period": "yearly"}, {"months": "0"}, {"months": "13"}, {"months": "x"}])
async def test_history_of_what_cannot_be_is_refused(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await api.get("/api/usage/history", params=query)).status_code == 400
