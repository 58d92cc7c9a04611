"""Outbound webhooks over the HEKAX API. What is posted: tests/domain/webhooks."""

import httpx
import pytest
from tests.fakes.receiver import Receiver

from frontdesk.kernel.ids import new_id

EVENTS = ["lead.captured", "call.started"]


async def make(api: httpx.AsyncClient, receiver: Receiver, **more: object) -> dict[str, object]:
    answer = await api.post("/api/webhooks", json={"url": receiver.url, "events": EVENTS, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_one_is_registered_and_its_secret_shown_once(api: httpx.AsyncClient, receiver: Receiver) -> None:
    made = await make(api, receiver, description="CRM")
    assert str(made["secret"]).startswith("whsec_")
    assert (made["url"], made["events"], made["enabled"]) == (receiver.url, EVENTS, True)
    listed = (await api.get("/api/webhooks")).json()
    assert [each["id"] for each in listed["webhooks"]] == [made["id"]]
    assert len(listed["events"]) == 6
    one = await api.get(f"/api/webhooks/{made['id']}")
    assert "secret" not in one.json()
    assert str(made["secret"]) not in one.text


async def test_without_events_it_is_told_of_all(api: httpx.AsyncClient, receiver: Receiver) -> None:
    made = await api.post("/api/webhooks", json={"url": receiver.url})
    assert len(made.json()["events"]) == 6


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data", "http://localhost:8000/", "http://10.0.0.1/", "http://[::1]/",
        "http://2130706433/", "http://0177.0.0.1/", "http://[::ffff:10.0.0.1]/", "ftp://example.com/", "nonsense",
    ],
)  # fmt: skip
async def test_what_must_not_be_reached_is_refused(api: httpx.AsyncClient, receiver: Receiver, url: str) -> None:
    if "localhost" in url:
        url = url.replace("localhost", "127.0.0.2")  # as which no name of a test is looked up
    made = await make(api, receiver)
    for refused in (
        await api.post("/api/webhooks", json={"url": url, "events": EVENTS}),
        await api.patch(f"/api/webhooks/{made['id']}", json={"url": url}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (400, "URL_NOT_ALLOWED")
        assert refused.json()["details"] == {"field": "url"}


async def test_events_that_there_are_not(api: httpx.AsyncClient, receiver: Receiver) -> None:
    for events in ([], ["lead.eaten"]):
        refused = await api.post("/api/webhooks", json={"url": receiver.url, "events": events})
        assert (refused.status_code, refused.json()["details"]["field"]) == (400, "events")


async def test_it_is_changed_switched_off_and_deleted(api: httpx.AsyncClient, receiver: Receiver) -> None:
    path = f"/api/webhooks/{(await make(api, receiver))['id']}"
    changed = await api.patch(path, json={"events": ["call.completed"], "description": "Sheet", "enabled": False})
    told = changed.json()
    assert (told["events"], told["description"], told["enabled"]) == (["call.completed"], "Sheet", False)
    assert told["disabledReason"] == "by_hand"
    refused = await api.post(f"{path}/test")
    assert (refused.status_code, refused.json()["code"]) == (400, "WEBHOOK_DISABLED")
    assert (await api.patch(path, json={"enabled": True})).json()["disabledReason"] is None
    assert (await api.delete(path)).json() == {"removed": True}
    assert (await api.get(path)).status_code == 404


async def test_a_test_its_log_and_its_replay(api: httpx.AsyncClient, receiver: Receiver) -> None:
    path = f"/api/webhooks/{(await make(api, receiver))['id']}"
    receiver.answer(500)
    failed = (await api.post(f"{path}/test", json={"event": "call.completed"})).json()
    assert (failed["status"], failed["statusCode"], failed["attempts"]) == ("PENDING", 500, 1)
    assert failed["latencyMs"] >= 0
    done = (await api.post(f"{path}/test")).json()
    assert (done["status"], done["event"], done["test"]) == ("DELIVERED", "lead.captured", True)
    log = (await api.get(f"{path}/deliveries")).json()
    assert {each["id"] for each in log["deliveries"]} == {failed["id"], done["id"]}
    assert log["pagination"] == {"page": 1, "limit": 20, "total": 2, "pages": 1}
    only = (await api.get(f"{path}/deliveries", params={"status": "DELIVERED", "limit": 1})).json()
    assert [each["id"] for each in only["deliveries"]] == [done["id"]]
    assert (await api.get(f"{path}/deliveries", params={"status": "LOST"})).status_code == 400
    detail = (await api.get(f"{path}/deliveries/{done['id']}")).json()
    assert detail["payload"]["event"] == "lead.captured"
    assert [each["statusCode"] for each in detail["attemptLog"]] == [200]
    again = await api.post(f"{path}/deliveries/{done['id']}/replay")
    assert again.json()["status"] == "PENDING"
    assert (await api.post(f"{path}/deliveries/{new_id()}/replay")).status_code == 404
    since = await api.post(f"{path}/replay", json={"since": "2026-03-01T00:00:00Z"})
    assert since.json() == {"replayed": 0}  # tests are not sent again with the rest
    assert (await api.post(f"{path}/replay", json={"since": "yesterday"})).status_code == 400


async def test_a_new_secret(api: httpx.AsyncClient, receiver: Receiver) -> None:
    made = await make(api, receiver)
    path = f"/api/webhooks/{made['id']}/rotate-secret"
    turned = (await api.post(path)).json()
    assert turned["secret"] != made["secret"]
    assert turned["previousSecretUntil"] == "2026-03-11T11:00:00.000Z"
    assert (await api.post(path, json={"overlapHours": 1})).json()["previousSecretUntil"] == "2026-03-10T12:00:00.000Z"
    assert (await api.post(path, json={"overlapHours": 1000})).status_code == 400


async def test_only_owners_and_admins(agent: httpx.AsyncClient, api: httpx.AsyncClient, receiver: Receiver) -> None:
    path = f"/api/webhooks/{(await make(api, receiver))['id']}"
    for refused in (
        await agent.get("/api/webhooks"),
        await agent.get(f"{path}/deliveries"),
        await agent.post("/api/webhooks", json={"url": receiver.url}),
        await agent.post(f"{path}/test"),
    ):
        assert refused.status_code == 403
    assert receiver.taken == []
