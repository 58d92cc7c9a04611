"""Nothing leaves its organisation but for a reason that is written down."""

import ast
from pathlib import Path

from frontdesk.platform.across import ACROSS_TENANTS_REASONS
from frontdesk.platform.database import Works

ROOT = Path(__file__).parents[2]
DECISION = ROOT / "docs" / "decisions" / "0003-two-database-roles.md"


def uses() -> dict[str, list[str]]:
    """Each reason given in the source, and where. A reason that is no plain text counts as "?"."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr != "across_tenants":
                continue
            given = node.args[0] if node.args else None
            reason = given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else "?"
            found.setdefault(reason, []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_every_use_has_a_reason_that_is_allowed():
    assert {reason: places for reason, places in uses().items() if reason not in ACROSS_TENANTS_REASONS} == {}


def test_no_reason_is_left_over():
    assert set(ACROSS_TENANTS_REASONS) - set(uses()) == set()


def test_the_decision_names_every_reason():
    text = DECISION.read_text(encoding="utf-8")
    assert [reason for reason in ACROSS_TENANTS_REASONS if f"`{reason}`" not in text] == []


async def test_the_decision_names_every_table_the_system_role_may_touch(works: Works):
    async with works.across_tenants("tests") as work:
        rows = await work.fetch(
            """select distinct c.relname from pg_class c, aclexplode(c.relacl) acl
               where acl.grantee = 'frontdesk_system'::regrole and c.relkind = 'r'"""
        )
    text = DECISION.read_text(encoding="utf-8")
    assert [row["relname"] for row in rows if f"`{row['relname']}`" not in text] == []


async def test_neither_role_may_pass_by_row_level_security(works: Works):
    async with works.across_tenants("tests") as work:
        rows = await work.fetch(
            "select rolname from pg_roles where rolname ~ '^frontdesk_' and (rolsuper or rolbypassrls)"
        )
        unforced = await work.fetch(
            """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
               where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
                   and not (c.relrowsecurity and c.relforcerowsecurity)"""
        )
    assert rows == []
    assert unforced == []


def test_the_system_role_is_asked_for_in_one_place_only():
    asking = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*.py")
        if "frontdesk_system" in path.read_text(encoding="utf-8")
    ]
    assert set(asking) <= {"src/frontdesk/platform/database.py", "src/frontdesk/platform/postgres/roles.py"}
