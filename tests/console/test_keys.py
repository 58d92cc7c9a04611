"""API keys: shown once, listed without their secret, revoked after a question."""

import re
from datetime import timedelta

from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import ApiKey
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.database import Works


async def keys_of(works: Works, org: Organization) -> list[ApiKey]:
    async with works.begin(org.actor) as work:
        return await organizations.list_api_keys(work)


async def test_a_key_is_shown_once(owner: Browser, works: Works, org: Organization, clock: FrozenClock):
    answer = await owner.post("/keys", name="CRM sync", role="viewer", term="30")
    found = re.search(r"sk_live_[\w-]{40}", answer.text)
    assert found
    assert f'data-copies="{found[0]}"' in answer.text
    visit, actor = await organizations.authenticate_api_key(works, found[0])
    await visit.leave()
    assert (actor.org_id, actor.role) == (org.id, Role.VIEWER)
    again = await owner.get("/keys")
    assert "CRM sync" in words(again)
    assert found[0] not in again.text
    (key,) = await keys_of(works, org)
    assert key.expires_at == clock.now() + timedelta(days=30)


async def test_what_is_wrong_stands_at_its_field(owner: Browser):
    answer = await owner.post("/keys", name="", role="viewer", term="")
    assert answer.status_code == 400
    assert "This must not be empty." in words(answer)
    assert "Choose a role." in words(await owner.post("/keys", name="A", role="king", term=""))
    assert "Choose when the key ends." in words(await owner.post("/keys", name="A", role="viewer", term="7"))
    assert "cannot be an owner" in words(await owner.post("/keys", name="A", role="owner", term=""))


async def test_a_key_is_revoked_after_a_question(owner: Browser, works: Works, org: Organization):
    await owner.post("/keys", name="CRM sync", role="viewer", term="")
    (key,) = await keys_of(works, org)
    assert "Revoke the key “CRM sync”" in words(await owner.get(f"/keys/{key.id}/revoke"))
    assert "The key is revoked." in await owner.page(await owner.post(f"/keys/{key.id}/revoke"))
    assert await keys_of(works, org) == []
    assert (await owner.get(f"/keys/{key.id}/revoke")).status_code == 404
    assert (await owner.post(f"/keys/{key.id}/revoke")).status_code == 404


async def test_a_developer_makes_keys_no_stronger_than_themselves(browser_for: BrowserFor, org: Organization):
    developer = await browser_for(org, Role.DEVELOPER)
    shown = (await developer.get("/keys")).text
    assert 'id="role-developer"' in shown
    assert 'id="role-admin"' not in shown
    assert "above your own role" in words(await developer.post("/keys", name="A", role="admin", term=""))


async def test_others_are_told_who_manages_keys(viewer: Browser, owner: Browser, works: Works, org: Organization):
    await owner.post("/keys", name="Private", role="viewer", term="")
    shown = words(await viewer.get("/keys"))
    assert "Only some may see keys" in shown
    assert "Private" not in shown
    assert (await viewer.post("/keys", name="A", role="viewer", term="")).status_code == 403
    (key,) = await keys_of(works, org)
    assert (await viewer.post(f"/keys/{key.id}/revoke")).status_code == 403


async def test_next_door_cannot_revoke(stranger: Browser, owner: Browser, works: Works, org: Organization):
    await owner.post("/keys", name="Ours", role="viewer", term="")
    (key,) = await keys_of(works, org)
    assert (await stranger.post(f"/keys/{key.id}/revoke")).status_code == 404
