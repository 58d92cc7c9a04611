"""Servers to test against: embedded ones in directories of their own, and Debian's own PostgreSQL 15 over TCP."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.fixtures.server import drop_database
from tests.platform.postgres.debian import BIN, DebianPostgres, running
from tests.platform.postgres.processes import Holder, is_alive

from frontdesk.platform.postgres.server import EmbeddedServer, attach


@pytest.fixture
def hold() -> Iterator[Callable[..., Holder]]:
    """Starts holders, and ends those that the test left behind."""
    holders: list[Holder] = []

    def start(data_dir: Path, *options: str, **how: object) -> Holder:
        holders.append(Holder(data_dir, *options, **how))
        return holders[-1]

    yield start
    for holder in holders:
        holder.end()


@pytest.fixture(scope="session")
def mould() -> Iterator[Path]:
    """A data directory with a made cluster that is not running. To be copied, not used."""
    directory = Path(tempfile.mkdtemp(prefix="fd-mould-"))
    attach(directory / "data", throwaway=True).detach()
    yield directory / "data"
    shutil.rmtree(directory)


@pytest.fixture
def empty_dir() -> Iterator[Path]:
    """The name of a data directory that is not there yet, short enough for a socket. Stops what was left running."""
    directory = Path(tempfile.mkdtemp(prefix="fd-"))
    data_dir = directory / "data"
    yield data_dir
    if data_dir.is_dir() and is_alive(data_dir):
        attach(data_dir, throwaway=True).detach()
    shutil.rmtree(directory)


@pytest.fixture
def data_dir(mould: Path, empty_dir: Path) -> Path:
    """A data directory of its own with a made cluster that is not running."""
    shutil.copytree(mould, empty_dir, ignore=shutil.ignore_patterns("postgres.log", "run"))
    return empty_dir


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedServer]:
    """A running embedded server for tests that only need databases."""
    directory = Path(tempfile.mkdtemp(prefix="fd-"))
    with attach(directory / "data", throwaway=True) as server:
        yield server
    shutil.rmtree(directory)


@pytest.fixture
async def new_database(embedded: EmbeddedServer) -> AsyncIterator[str]:
    """The URL of a database that is not there yet, on the embedded server. Dropped afterwards."""
    name = f"t_{uuid4().hex}"
    yield embedded.dsn(name)
    await drop_database(embedded.dsn("postgres"), name)


@pytest.fixture(scope="session")
def debian_postgres() -> Iterator[DebianPostgres]:
    """Debian's own PostgreSQL 15, the lower bound of what we support. Skips where it is not installed."""
    if not (BIN / "initdb").exists():
        pytest.skip("Debian's postgresql-15 is not installed")
    with running() as server:
        yield server


@pytest.fixture
async def debian_database(debian_postgres: DebianPostgres) -> AsyncIterator[str]:
    """The URL of a database that is not there yet, on Debian's server."""
    name = f"t_{uuid4().hex}"
    yield debian_postgres.dsn(name)
    await drop_database(debian_postgres.superuser_dsn(), name)
