"""Settings of an organisation, and its number."""

import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations import store
from frontdesk.domain.organizations.model import Hours, NewOrganization, OrganizationChange
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Role, system_actor
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, Works


async def test_what_is_given_changes_and_the_rest_stays(work: Work):
    change = OrganizationChange(
        name=" Acme ", country="us", time_zone="America/New_York", email="Desk@acme.example", phone="(212) 555-0123",
        logo_url="https://acme.example/l.png", primary_color="#ABC", n8n_workflow_id="7", free_settings={"a": [1]},
        business_hours={"monday": Hours("09:00", "17:00"), "sunday": None}, agent_name="Kim", ai_enabled=False,
        daily_cap=5,
    )  # fmt: skip
    changed = await organizations.update(work, change)
    assert changed.phone == "+12125550123"
    assert (changed.name, changed.country, changed.email, changed.primary_color) == (
        "Acme",
        "US",
        "desk@acme.example",
        "#abc",
    )
    assert changed.business_hours == {"monday": Hours("09:00", "17:00"), "sunday": None}
    cleared = await organizations.update(work, OrganizationChange(email=None, phone="", logo_url=None))
    assert (cleared.email, cleared.phone, cleared.logo_url, cleared.name) == (None, None, None, "Acme")
    assert cleared == await organizations.get(work)
    await work.flush()
    audit = await work.fetch("select details from audit_log order by id")
    told = await work.fetch("select payload from events where type = 'organization.updated'")
    assert len(told) == len(audit) == 2
    assert {"fields": ["email", "logo_url", "phone"]} in [row["details"] for row in audit]


async def test_saving_what_was_read_changes_and_tells_nothing(work: Work):
    was = await organizations.get(work)
    again = await organizations.update(
        work, OrganizationChange(name=was.name, time_zone=was.time_zone, business_hours=was.business_hours)
    )
    assert again == was
    assert await work.fetchval("select count(*) from audit_log") == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (OrganizationChange(name=" "), "name"),
        (OrganizationChange(name="a\0b"), "name"),
        (OrganizationChange(name="x" * 201), "name"),
        (OrganizationChange(country="GBR"), "country"),
        (OrganizationChange(time_zone="Mars/Olympus"), "time_zone"),
        (OrganizationChange(time_zone="../../etc/passwd"), "time_zone"),
        (OrganizationChange(email="nobody"), "email"),
        (OrganizationChange(phone="12"), "phone_number"),
        (OrganizationChange(logo_url="javascript:alert(1)"), "logo_url"),
        (OrganizationChange(logo_url="http://[x"), "logo_url"),
        (OrganizationChange(primary_color="red; x"), "primary_color"),
        (OrganizationChange(free_settings={"a": "\0"}), "settings"),
        (OrganizationChange(free_settings={"a": "x" * 70_000}), "settings"),
        (OrganizationChange(business_hours={"mon": None}), "business_hours"),
        (OrganizationChange(business_hours={"monday": Hours("17:00", "09:00")}), "business_hours"),
        (OrganizationChange(business_hours={"monday": Hours("9", "17")}), "business_hours"),
        (OrganizationChange(agent_name=""), "agent_name"),
        (OrganizationChange(daily_cap=0), "daily_cap"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(work: Work, change: OrganizationChange, field: str):
    with pytest.raises(Invalid) as refused:
        await organizations.update(work, change)
    assert refused.value.fields["field"] == field


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.DEVELOPER, Role.VIEWER])
async def test_only_owners_and_admins_change_settings(works: Works, org: Organization, role: Role):
    member = Actor(type=ActorType.USER, id=new_id(), org_id=org.id, role=role, permissions=PERMISSIONS_OF[role])
    async with works.begin(member) as work:
        assert (await organizations.get(work)).name == org.name
        with pytest.raises(Forbidden):
            await organizations.update(work, OrganizationChange(name="Mine"))


async def test_each_organisation_has_a_fictional_number_of_its_own(works: Works, org: Organization):
    numbers = set()
    for name in ("A", "B", "C"):
        made = await organizations.create(works, org.actor, NewOrganization(name))
        numbers.add(made.number)
    assert numbers == {"+447700900999", "+447700900998", "+447700900997"}


async def test_when_british_numbers_are_out_american_ones_follow(works: Works, org: Organization):
    async with works.across_tenants("tests") as work:
        await work.execute(
            """insert into numbers (org_id, id, phone, provider, sandbox, created_at)
               select $1, gen_random_uuid(), '+447700900' || lpad(n::text, 3, '0'), 'sandbox', true, $2
               from generate_series(0, 999) n on conflict do nothing""",
            org.id, work.now,
        )  # fmt: skip
        assert await store.free_sandbox_number(work) == "+19895550199"


async def test_only_a_person_begins_an_organisation(works: Works, org: Organization):
    with pytest.raises(Forbidden):
        await organizations.create(works, system_actor(org.id), NewOrganization("X"))
    for wrong in (NewOrganization(""), NewOrganization("X", "ZZ"), NewOrganization("X", "GB", "Nowhere")):
        with pytest.raises(Invalid):
            await organizations.create(works, org.actor, wrong)
