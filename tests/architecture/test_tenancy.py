"""Tenants cannot meet: what the database promises, read from its own catalogue."""

from pathlib import Path

import pytest

from frontdesk.platform.database import Works

NO_TENANT = {
    "users": "people belong to several organisations; a policy shows members only",
    "captured_mail": "mail may concern nobody yet; only the system role reads it",
}
"""Tables with row-level security that have no tenant, and why."""

OPEN = {
    "rate_counters": "counts under opaque keys",
    "webhooks_seen": "ids of carriers' events",
    "event_failures": "ids of events and the errors of readers",
    "event_positions": "one number",
    "event_readers": "positions by reader",
    "periodic_runs": "times by task",
}
"""Tables of the platform without row-level security, and what is in them."""


async def rows(works: Works, sql: str) -> list[dict[str, object]]:
    async with works.across_tenants("tests") as work:
        return [dict(row) for row in await work.fetch(sql)]


TABLES = """
    select c.relname as name, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
           exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped)
               as tenant
    from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relname not like 'pgqueuer%'
    order by 1"""


async def test_every_table_of_tenants_is_secured_and_forced(works: Works) -> None:
    wrong = [
        table["name"]
        for table in await rows(works, TABLES)
        if (table["tenant"] or table["name"] in NO_TENANT) and not (table["secured"] and table["forced"])
    ]
    assert wrong == []


async def test_every_table_without_a_tenant_is_known(works: Works) -> None:
    granted = await rows(
        works,
        """select distinct table_name::text as name from information_schema.role_table_grants
           where grantee = 'frontdesk_app' and table_schema = 'public'""",
    )
    reachable = {row["name"] for row in granted}
    unknown = [
        table["name"]
        for table in await rows(works, TABLES)
        if not table["tenant"] and table["name"] in reachable and table["name"] not in {*NO_TENANT, *OPEN}
    ]
    assert unknown == []


async def test_the_app_role_sees_its_tenant_by_every_policy(works: Works) -> None:
    policies = await rows(
        works,
        """select tablename::text as name, qual, with_check from pg_policies
           where schemaname = 'public' and 'frontdesk_app' = any(roles)""",
    )
    assert policies
    tenants = [policy for policy in policies if policy["name"] not in OPEN]
    loose = [policy["name"] for policy in tenants if "app_org()" not in str(policy["qual"])]
    assert loose == []


async def test_no_role_stands_above_the_policies(works: Works) -> None:
    roles = await rows(
        works,
        "select rolname::text as name, rolsuper, rolbypassrls from pg_roles where rolname like 'frontdesk_%'",
    )
    assert {role["name"] for role in roles} >= {"frontdesk_app", "frontdesk_system", "frontdesk_intake"}
    assert [role["name"] for role in roles if role["rolsuper"] or role["rolbypassrls"]] == []


async def test_references_between_tenants_tables_carry_the_tenant(works: Works) -> None:
    loose = await rows(
        works,
        """select con.conname::text as name from pg_constraint con
           where con.contype = 'f' and con.connamespace = 'public'::regnamespace
             and con.confrelid <> 'organizations'::regclass
             and exists (select from pg_attribute a where a.attrelid = con.conrelid and a.attname = 'org_id')
             and exists (select from pg_attribute a where a.attrelid = con.confrelid and a.attname = 'org_id'
                         and a.attnotnull)
             and not exists (select from pg_attribute a where a.attrelid = con.conrelid and a.attname = 'org_id'
                             and a.attnum = any(con.conkey))""",
    )
    assert loose == []


async def test_functions_with_others_rights_have_a_fixed_path(works: Works) -> None:
    functions = await rows(
        works,
        """select p.proname::text as name, coalesce(array_to_string(p.proconfig, ','), '') as config,
                  r.rolname::text as owner
           from pg_proc p join pg_roles r on r.oid = p.proowner
           where p.prosecdef and p.pronamespace = 'public'::regnamespace""",
    )
    assert functions
    for function in functions:
        assert "search_path=pg_catalog" in str(function["config"]), function
    owners = {str(function["name"]): function["owner"] for function in functions}
    assert [name for name, owner in owners.items() if owner == "frontdesk_intake"] == ["take_in_texts"]
    assert {owner for name, owner in owners.items() if name != "take_in_texts"} == {"frontdesk_system"}


async def test_the_role_that_takes_in_texts_may_do_what_its_decision_says(works: Works) -> None:
    granted = await rows(
        works,
        """with lists as (
               select oid as relation, relacl as acl from pg_class where relkind = 'r' and relacl is not null
               union all
               select attrelid, attacl from pg_attribute where attacl is not null)
           select relation::regclass::text as name, array_agg(distinct lower(entry.privilege_type)) as may
           from lists, aclexplode(acl) entry where entry.grantee = 'frontdesk_intake'::regrole group by 1""",
    )
    whole = await rows(
        works,
        """select relname::text as name from pg_class, aclexplode(relacl) entry
           where entry.grantee = 'frontdesk_intake'::regrole and entry.privilege_type in ('SELECT', 'UPDATE')""",
    )
    assert {row["name"] for row in whole} <= {"webhooks_seen"}  # else only the columns that are named
    text = (Path(__file__).parents[2] / "docs/decisions/0016-texts-of-several-organizations.md").read_text()
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    told = {name.strip("`"): sorted(may.split(", ")) for names, may in lines for name in names.split(", ")}
    assert {str(row["name"]): row["may"] for row in granted} == told


@pytest.mark.parametrize("table", ["leads", "messages", "sessions", "api_keys", "idempotency_keys"])
async def test_without_a_tenant_nothing_is_seen(works: Works, table: str) -> None:
    from frontdesk.kernel.access import Actor, ActorType

    nobody = Actor(type=ActorType.SYSTEM, id=None, org_id=None)
    async with works.read(nobody) as work:
        allowed = await work.fetchval("select has_table_privilege($1, 'select')", table)
        assert not allowed or await work.fetchval(f"select count(*) from {table}") == 0
