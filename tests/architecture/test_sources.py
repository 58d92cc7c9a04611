"""Rules of form that readers and later work rely on."""

import ast
import re

import pytest
from tests.architecture.sources import PACKAGE, ROOT, Module, committed, modules

from frontdesk.platform.across import ACROSS_TENANTS_REASONS

LONGEST = 400
"""Lines of a module: beyond it, it is two."""

WALL_TIME = {"doctor.py": "looks at the queue, whose times are the wall's"}
"""Modules outside the platform that may ask the database for the time, and why."""

_SQL_TIME = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(current_timestamp|current_date|current_time|localtimestamp|localtime)\b",
    re.IGNORECASE,
)
_TOO_VAGUE = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py"}


def test_modules_stay_small() -> None:
    long = {str(module): count for module in modules() if (count := module.text.count("\n")) > LONGEST}
    assert long == {}


def test_modules_say_what_belongs_in_them() -> None:
    silent = [str(module) for module in modules() if not ast.get_docstring(module.tree)]
    assert silent == []


def test_no_module_is_a_drawer() -> None:
    assert [str(module) for module in modules() if module.path.name in _TOO_VAGUE] == []


def test_only_the_platform_asks_the_database_what_time_it_is() -> None:
    """The product has a clock: it stands still in tests and runs fast in the demo."""
    found = [
        f"{module}:{line}"
        for module in modules()
        if not module.place.startswith("platform/") and module.place not in WALL_TIME
        for line, text in module.texts()
        if _SQL_TIME.search(text)
    ]
    assert found == []


def test_no_table_takes_its_times_from_the_database() -> None:
    found = [
        path.name for path in sorted((ROOT / "migrations").glob("*.sql")) if _SQL_TIME.search(_code(path.read_text()))
    ]
    assert found == []


def _code(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql)


@pytest.mark.parametrize("part", ["domain/", "contracts/", "jobs/"])
def test_the_clock_is_asked_for_the_time(part: str) -> None:
    """`work.now`, or the clock of `Works`."""
    asked = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
    found = [
        f"{module}:{node.lineno}"
        for module in modules()
        if module.place.startswith(part)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in asked
    ]
    assert found == []


def _reasons(module: Module) -> list[tuple[int, str | None]]:
    return [
        (node.lineno, first.value if isinstance(first := node.args[0], ast.Constant) else None)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "across_tenants"
    ]


def test_work_across_tenants_has_a_reason_that_is_listed() -> None:
    used: set[str] = set()
    for module in modules():
        for line, reason in _reasons(module):
            assert reason in ACROSS_TENANTS_REASONS, f"{module}:{line}"
            used.add(str(reason))
    assert set(ACROSS_TENANTS_REASONS) - used == set()


def test_only_works_hands_out_connections() -> None:
    found = [
        f"{module}:{node.lineno}"
        for module in modules()
        if not module.place.startswith("platform/")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("acquire", "create_pool", "_connection", "_connections")
    ]
    assert found == []


# What is named here in pieces, because this file is searched as well.
_MACHINE = [r"(?<![\w.~])/wo" + r"rk/", r"(?<![\w.~])/ro" + r"ot/"]
_HOSTS = [r"pypi\.o" + "rg", r"pythonhosted\.o" + "rg", r"registry\.npmjs\.o" + "rg", r"--(extra-)?index-u" + "rl"]
_TOLD = re.compile("|".join([*_MACHINE, *_HOSTS]))
_BINARY = {".png", ".jpg", ".ico", ".woff2", ".wav", ".gz", ".zip", ".xlsx"}


def test_no_file_names_a_machine_or_a_registry() -> None:
    found: list[str] = []
    for path in committed():
        if path.suffix in _BINARY:
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in _TOLD.finditer(text)]
    assert found == []


def test_the_package_has_no_second_top() -> None:
    assert sorted(path.name for path in (ROOT / "src").iterdir() if not path.name.endswith(".egg-info")) == [
        PACKAGE.name
    ]
