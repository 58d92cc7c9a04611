"""The direction of imports. The large rules are import-linter's, in pyproject.toml; here, those it has no words for."""

import re
import subprocess
import sys

from tests.architecture.sources import ROOT, modules

INNER = {"service", "model", "errors"}
"""What contracts and console may see of a feature."""


def test_the_rules_of_import_linter_hold() -> None:
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True)
    assert "0 broken" in done.stdout, done.stdout + done.stderr


def test_contracts_and_console_see_only_the_services_models_and_errors_of_features() -> None:
    wrong = [
        f"{module}: {name}"
        for module in modules()
        if module.place.startswith(("contracts/", "console/"))
        for name in module.imports
        if (found := re.match(r"frontdesk\.domain\.\w+(?:\.(\w+))?", name)) and found[1] not in INNER
    ]
    assert wrong == []


def test_contracts_are_independent_of_each_other() -> None:
    wrong: list[str] = []
    for module in modules():
        parts = module.place.split("/")
        if parts[0] != "contracts" or len(parts) < 3:
            continue
        allowed = {parts[1], "_http"}
        wrong += [
            f"{module}: {name}"
            for name in module.imports
            if (found := re.match(r"frontdesk\.contracts\.(\w+)", name)) and found[1] not in allowed
        ]
    assert wrong == []


def test_routers_hold_no_sql_and_no_statuses() -> None:
    """What a contract decides beyond translation would have to be decided five times."""
    sql = re.compile(
        r"\b(select|insert into|update|delete from)\b.+\b(from|values|set|where)\b", re.IGNORECASE | re.DOTALL
    )
    wrong = [
        f"{module}:{line}"
        for module in modules()
        if module.place.startswith("contracts/")
        for line, text in module.texts()
        if sql.search(text)
    ]
    assert wrong == []


NO_PROVIDER = ("offline", "signatures", "oauth", "rest")
"""The built-in brain, on whose senses the guardrails of the others stand; the arithmetic of signatures, which the
sandbox shares with the carrier that it stands in for; consent and calls as many providers have them."""


def test_adapters_of_one_provider_do_not_know_another() -> None:
    wrong = [
        f"{module}: {name}"
        for module in modules()
        if (own := re.match(r"adapters/(\w+)/", module.place))
        for name in module.imports
        if (found := re.match(r"frontdesk\.adapters\.(\w+)", name)) and found[1] not in (own[1], *NO_PROVIDER)
    ]
    assert wrong == []
