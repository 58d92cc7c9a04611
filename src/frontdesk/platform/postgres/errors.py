"""What can stop the program before its database is usable. Each message is for the operator, and says what to do."""


class PostgresError(Exception):
    """The database cannot be used. The message is a sentence or two for the terminal."""


class ServerFailed(PostgresError):
    """The embedded server could not be made, started, reached or stopped."""


class DataDirInUse(PostgresError):
    """Another `frontdesk up` runs on the data directory. `pid` is None where it cannot be told."""

    def __init__(self, message: str, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid


class MigrationFailed(PostgresError):
    """The schema could not be brought up to date. What was done before is kept, the failed file is undone."""


class RoleRefused(PostgresError):
    """A role that would see past row-level security, or that cannot be had."""


class PoolerRefused(PostgresError):
    """A transaction-mode pooler stands in front of the server."""
