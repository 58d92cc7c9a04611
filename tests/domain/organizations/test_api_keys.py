"""API keys: shown once, stored as hashes, and good until they are revoked or expire."""

from datetime import timedelta

import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import ApiKeyNotFound, RoleNotAllowed
from frontdesk.domain.organizations.model import NewApiKey
from frontdesk.kernel.access import PERMISSIONS_OF, ActorType, Role
from frontdesk.kernel.errors import Forbidden, Invalid, Unauthenticated
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works


async def make(works: Works, org: Organization, **more):
    async with works.begin(org.actor) as work:
        return await organizations.create_api_key(work, NewApiKey(**{"name": "n8n", "role": Role.AGENT, **more}))


async def test_a_key_acts_for_its_organisation_in_its_role(works: Works, org: Organization, other_org: Organization):
    key, secret = await make(works, org)
    assert secret.startswith("sk_live_")
    assert len(secret) == 48
    assert key.hint == f"sk_live_…{secret[-4:]}"
    visit, actor = await organizations.authenticate_api_key(works, secret)
    assert (actor.type, actor.id, actor.org_id, actor.role) == (ActorType.API_KEY, key.id, org.id, Role.AGENT)
    assert actor.permissions == PERMISSIONS_OF[Role.AGENT]
    async with visit.work(actor, writes=False) as work:
        assert [row["name"] for row in await work.fetch("select name from organizations")] == [org.name]


async def test_only_a_hash_is_kept(works: Works, org: Organization):
    _, secret = await make(works, org)
    async with works.begin(org.actor) as work:
        assert secret not in str([dict(row) for row in await work.fetch("select * from api_keys")])
        [key] = await organizations.list_api_keys(work)
    assert secret not in str(key)


async def test_use_is_noted_at_most_once_a_minute(works: Works, org: Organization, clock):
    _, secret = await make(works, org)
    seen = []
    for seconds in (0, 30, 31):
        clock.move(timedelta(seconds=seconds))
        visit, _ = await organizations.authenticate_api_key(works, secret)
        await visit.leave()
        async with works.begin(org.actor) as work:
            seen.append((await organizations.list_api_keys(work))[0].last_used_at)
    assert seen[0] == seen[1]
    assert seen[2] == clock.now()


async def test_revoked_and_expired_keys_are_dead(works: Works, org: Organization, clock):
    key, secret = await make(works, org)
    _, short = await make(works, org, expires_at=clock.now() + timedelta(hours=1))
    async with works.begin(org.actor) as work:
        await organizations.revoke_api_key(work, key.id)
        with pytest.raises(ApiKeyNotFound):
            await organizations.revoke_api_key(work, key.id)
        assert [each.name for each in await organizations.list_api_keys(work)] == ["n8n"]
        actions = [row["action"] for row in await work.fetch("select action from audit_log")]
    assert sorted(actions) == ["api_key.created", "api_key.created", "api_key.revoked"]
    visit, _ = await organizations.authenticate_api_key(works, short)
    await visit.leave()
    clock.move(timedelta(hours=1))
    for dead in (secret, short):
        with pytest.raises(Unauthenticated):
            await organizations.authenticate_api_key(works, dead)


async def test_no_key_can_more_than_its_maker(works: Works, org: Organization):
    cases = [
        (actor_of_member(org.owner_id, "", org.id, Role.OWNER, [], None), Role.OWNER, RoleNotAllowed),
        (actor_of_member(org.owner_id, "", org.id, Role.DEVELOPER, [], None), Role.ADMIN, RoleNotAllowed),
        (actor_of_member(org.owner_id, "", org.id, Role.DEVELOPER, [], None), Role.AGENT, RoleNotAllowed),
        (actor_of_member(org.owner_id, "", org.id, Role.ADMIN, [], [new_id()]), Role.AGENT, RoleNotAllowed),
        (actor_of_member(org.owner_id, "", org.id, Role.MANAGER, [], None), Role.AGENT, Forbidden),
    ]
    for actor, role, error in cases:
        async with works.begin(actor) as work:
            with pytest.raises(error):
                await organizations.create_api_key(work, NewApiKey("k", role))
    async with works.begin(cases[1][0]) as work:
        await organizations.create_api_key(work, NewApiKey("k", Role.VIEWER))


async def test_what_cannot_be_is_refused(works: Works, org: Organization, clock):
    for wrong in ({"name": ""}, {"name": "a\nb"}, {"expires_at": clock.now()}):
        with pytest.raises(Invalid):
            await make(works, org, **wrong)


async def test_keys_of_others_do_not_exist(works: Works, org: Organization, other_org: Organization):
    key, _ = await make(works, other_org)
    async with works.begin(org.actor) as work:
        with pytest.raises(ApiKeyNotFound):
            await organizations.revoke_api_key(work, key.id)
        assert await organizations.list_api_keys(work) == []
