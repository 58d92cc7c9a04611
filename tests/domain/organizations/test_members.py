"""Who may change whom."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import LastOwner, MemberNotFound, NotYourself, RoleNotAllowed
from frontdesk.domain.organizations.model import MemberChange, MemberStatus
from frontdesk.kernel.access import Actor, Permission, Role
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works

AMember = Callable[..., Awaitable[Actor]]


@pytest.fixture
def a_member(works: Works, org: Organization) -> AMember:
    """Puts people into `org`, and returns them as they act."""

    async def make(role: Role, extra: list[str] | None = None, datasets: list[Any] | None = None) -> Actor:
        user_id = new_id()
        email = f"{user_id.hex}@acme.example"
        async with works.across_tenants("tests") as work:
            await work.execute(
                "insert into users (id, email, created_at, updated_at) values ($1, $2, $3, $3)",
                user_id,
                email,
                work.now,
            )
            await work.execute(
                """insert into memberships
                       (org_id, user_id, role, extra_permissions, allowed_dataset_ids, created_at, updated_at)
                   values ($1, $2, $3, $4, $5, $6, $6)""",
                org.id, user_id, role.value, extra or [], datasets, work.now,
            )  # fmt: skip
        return actor_of_member(user_id, email, org.id, role, extra or [], datasets)

    return make


async def test_an_admin_gives_another_role_and_permissions(works: Works, org: Organization, a_member: AMember):
    admin, agent = await a_member(Role.ADMIN), await a_member(Role.AGENT)
    dataset = new_id()
    async with works.begin(admin) as work:
        extras = ["push_to_live", "can_export", "view_all_leads"]
        change = MemberChange(role=Role.MANAGER, extra_permissions=extras, allowed_dataset_ids=[dataset])
        changed = await organizations.change_member(work, agent.id, change)
        assert changed == await organizations.get_member(work, agent.id)
        assert (changed.role, changed.allowed_dataset_ids) == (Role.MANAGER, [dataset])
        await work.flush()
        assert await work.fetchval("select count(*) from audit_log where action = 'member.changed'") == 1
        assert await work.fetchval("select count(*) from events where type = 'member.changed'") == 1
        with pytest.raises(Invalid):
            await organizations.change_member(work, agent.id, MemberChange(extra_permissions=["platform"]))


async def test_nobody_changes_those_above_them_or_gives_more_than_they_have(works: Works, org: Organization, a_member):
    admin, developer = await a_member(Role.ADMIN), await a_member(Role.DEVELOPER)
    manager, agent = await a_member(Role.MANAGER, ["manage_users"]), await a_member(Role.AGENT)
    refused = [
        (admin, org.owner_id, MemberChange(role=Role.VIEWER)),
        (admin, agent.id, MemberChange(role=Role.OWNER)),
        (admin, admin.id, MemberChange(role=Role.OWNER)),
        (manager, admin.id, MemberChange(role=Role.AGENT)),
        (manager, agent.id, MemberChange(role=Role.ADMIN)),
        (manager, agent.id, MemberChange(role=Role.DEVELOPER)),
        (manager, agent.id, MemberChange(extra_permissions=["manage_keys"])),
        (manager, developer.id, MemberChange(extra_permissions=["edit_lessons"])),
    ]
    for actor, user_id, change in refused:
        async with works.begin(actor) as work:
            with pytest.raises(RoleNotAllowed):
                await organizations.change_member(work, user_id, change)
    for actor in (developer, agent, await a_member(Role.MANAGER)):
        async with works.begin(actor) as work:
            with pytest.raises(Forbidden):
                await organizations.change_member(work, agent.id, MemberChange(role=Role.VIEWER))
    async with works.begin(manager) as work:
        await organizations.change_member(work, agent.id, MemberChange(role=Role.MANAGER))


async def test_who_sees_few_datasets_cannot_open_others(works: Works, org: Organization, a_member: AMember):
    seen, unseen = new_id(), new_id()
    admin, agent = await a_member(Role.ADMIN, datasets=[seen]), await a_member(Role.AGENT)
    async with works.begin(admin) as work:
        for datasets in (None, [unseen], [seen, unseen]):
            with pytest.raises(RoleNotAllowed):
                await organizations.change_member(
                    work, agent.id, MemberChange(role=Role.VIEWER, allowed_dataset_ids=datasets)
                )
        await organizations.change_member(work, agent.id, MemberChange(role=Role.VIEWER, allowed_dataset_ids=[seen]))


async def test_the_last_owner_stays(works: Works, org: Organization, a_member: AMember):
    async with works.begin(org.actor) as work:
        with pytest.raises(LastOwner):
            await organizations.change_member(work, org.owner_id, MemberChange(role=Role.ADMIN))
        with pytest.raises(LastOwner):
            await organizations.remove_member(work, org.owner_id)
        with pytest.raises(NotYourself):
            await organizations.suspend_member(work, org.owner_id)
    second = await a_member(Role.OWNER)
    async with works.begin(second) as work:
        await organizations.suspend_member(work, org.owner_id)
        with pytest.raises(LastOwner):  # the other one cannot act
            await organizations.remove_member(work, second.id)
        await organizations.reactivate_member(work, org.owner_id)
        await organizations.remove_member(work, second.id)
        with pytest.raises(MemberNotFound):
            await organizations.get_member(work, second.id)


async def test_suspending_and_removing(works: Works, org: Organization, a_member: AMember):
    agent, leaver = await a_member(Role.AGENT), await a_member(Role.VIEWER)
    async with works.begin(org.actor) as work:
        assert (await organizations.suspend_member(work, agent.id)).status is MemberStatus.SUSPENDED
        assert (await organizations.suspend_member(work, agent.id)).status is MemberStatus.SUSPENDED
        assert (await organizations.reactivate_member(work, agent.id)).status is MemberStatus.ACTIVE
        await organizations.remove_member(work, agent.id)
        await work.flush()
        rows = await work.fetch("select action from audit_log order by id")
    assert sorted(row["action"] for row in rows) == ["member.reactivated", "member.removed", "member.suspended"]
    async with works.begin(leaver) as work:
        with pytest.raises(Forbidden):
            await organizations.remove_member(work, org.owner_id)
        await organizations.remove_member(work, leaver.id)


async def test_members_of_others_do_not_exist(works: Works, org: Organization, other_org: Organization):
    async with works.begin(org.actor) as work:
        for use in (
            organizations.get_member(work, other_org.owner_id),
            organizations.suspend_member(work, other_org.owner_id),
            organizations.remove_member(work, other_org.owner_id),
            organizations.change_member(work, other_org.owner_id, MemberChange(role=Role.VIEWER)),
        ):
            with pytest.raises(MemberNotFound):
                await use
        assert [member.user_id for member in await organizations.list_members(work)] == [org.owner_id]


async def test_extra_permissions_add_to_the_role():
    actor = actor_of_member(new_id(), "", new_id(), Role.VIEWER, ["edit_lessons", "view_all_leads", "platform"], None)
    assert actor.permissions == {Permission.VIEW, Permission.EDIT_LESSONS}
