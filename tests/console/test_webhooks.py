"""The room of webhooks: a secret shown once, a log that tells how it went, and buttons that do what they say."""

import re

from tests.console.conftest import Browser, words
from tests.fakes.receiver import Receiver


async def add(owner: Browser, receiver: Receiver) -> str:
    """Adds a webhook. Answers its path."""
    answer = await owner.post("/webhooks", url=receiver.url, events=["call.completed"], description="CRM")
    found = re.search(r"/console(/webhooks/[0-9a-f-]{36})/test", answer.text)
    assert found, words(answer)
    return found[1]


async def test_a_webhook_is_added_tested_and_its_log_read(owner: Browser, receiver: Receiver):
    assert "Nobody is told yet" in words(await owner.get("/webhooks"))
    made = await owner.post("/webhooks", url=receiver.url, events=["call.completed"], description="CRM")
    found = re.search(r"whsec_[\w+/=]{40,}", made.text)
    assert found
    [path] = set(re.findall(r"/console(/webhooks/[0-9a-f-]{36})/test", made.text))
    shown = await owner.get(path)
    assert found[0] not in shown.text
    assert "Nothing was sent yet" in words(shown)
    assert "The test arrived" in await owner.page(await owner.post(f"{path}/test"))
    receiver.answer(500)
    assert "The test did not arrive: answered 500" in await owner.page(await owner.post(f"{path}/test"))
    log = await owner.get(path)
    assert "Waiting" in words(log)
    assert "Delivered" in words(await owner.get(f"{path}?status=delivered"))
    delivered = re.search(
        rf"/console({path}/deliveries/[0-9a-f-]+)", (await owner.get(f"{path}?status=delivered")).text
    )
    assert delivered
    one = words(await owner.get(delivered[1]))
    assert "Answered 200" in one
    assert '"event": "call.completed"' in one
    assert "It is on the way again." in await owner.page(await owner.post(f"{delivered[1]}/replay"))
    assert "There is nothing to send again." in await owner.page(await owner.post(f"{path}/replay", hours="24"))


async def test_it_is_changed_rotated_switched_and_deleted(owner: Browser, receiver: Receiver):
    path = await add(owner, receiver)
    refused = await owner.post(path, url="http://169.254.169.254/", events=["call.started"])
    assert (refused.status_code, "not on the public internet" in words(refused)) == (400, True)
    assert "Choose one event at least" in words(await owner.post(path, url=receiver.url))
    changed = await owner.page(await owner.post(path, url=receiver.url, events=["call.started"], description="Sheet"))
    assert "The webhook is changed." in changed
    assert "whsec_" in (await owner.post(f"{path}/rotate")).text
    assert "The one before signs too" in words(await owner.get(path))
    assert "It is off." in await owner.page(await owner.post(f"{path}/switch"))
    assert "switched off" in await owner.page(await owner.post(f"{path}/test"))
    assert "It is on." in await owner.page(await owner.post(f"{path}/switch", on="on"))
    assert "This cannot be undone" in words(await owner.get(f"{path}/delete"))
    assert "The webhook is deleted." in await owner.page(await owner.post(f"{path}/delete"))
    assert (await owner.get(path)).status_code == 404


async def test_others_are_kept_out(owner: Browser, viewer: Browser, stranger: Browser, receiver: Receiver):
    path = await add(owner, receiver)
    assert "Only some may see webhooks" in words(await viewer.get("/webhooks"))
    assert (await viewer.get(path)).status_code == 403
    assert (await viewer.post(f"{path}/test")).status_code == 403
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/delete")).status_code == 404
