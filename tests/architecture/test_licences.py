"""The project is Apache-2.0: nothing that everybody installs may be under the GPL."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from tests.architecture.sources import ROOT

FREE_TO_USE = {"docutils": "a choice of licences, of which the GPL covers one tool that is not installed"}
"""Distributions whose metadata say GPL, and why they may stay."""

_GPL = re.compile(r"(?<![A-Z])A?GPL|(?<!Lesser )General Public License", re.IGNORECASE)
_NAME = re.compile(r"^([A-Za-z0-9._-]+)==")


def locked(lock: Path) -> list[str]:
    """The names that a lock file installs."""
    return [found[1] for line in lock.read_text().splitlines() if (found := _NAME.match(line))]


def licence(installed: Distribution) -> str:
    """All that a distribution says of its licence, short of the text."""
    told = installed.metadata
    classifiers = [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
    return " | ".join([told.get("License-Expression") or "", (told.get("License") or "")[:120], *classifiers])


def test_nothing_in_the_core_lock_is_under_the_gpl() -> None:
    found: dict[str, str] = {}
    missing: list[str] = []
    for name in locked(ROOT / "requirements.lock"):
        try:
            told = licence(distribution(name))
        except PackageNotFoundError:
            missing.append(name)
            continue
        if _GPL.search(told.replace("LGPL", "")) and name not in FREE_TO_USE:
            found[name] = told
    assert found == {}
    assert len(missing) < 5, missing


def test_speech_brings_one_program_under_the_gpl_and_it_is_run_not_imported() -> None:
    found = [
        name
        for name in locked(ROOT / "requirements-voice.lock")
        if _GPL.search(licence(distribution(name)).replace("LGPL", "").replace("Lesser General Public License", ""))
    ]
    assert found == ["piper-tts"]
    for file in (ROOT / "src").rglob("*.py"):
        assert not re.search(r"^\s*(?:import|from) piper\b", file.read_text(), re.M), file


def test_locks_name_versions_and_no_index() -> None:
    for lock in sorted(ROOT.glob("requirements*.lock")):
        lines = [line for line in lock.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert lines
        for line in lines:
            assert re.match(r"[A-Za-z0-9._\[\],-]+==[^ ]+( *;.*)?$", line), f"{lock.name}: {line}"
