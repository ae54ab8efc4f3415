"""SQLite as the host's database: one file, locks in files beside it. What rows mean is not known here."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.schema import CreateIndex, CreateTable

from .errors import StoreError
from .forks import keep_from_forks
from .locks import FileLocks
from .schema import metadata
from .sqlfailures import store_failures

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SqliteFile"]

#: How long a statement waits for another writer of the file, in milliseconds.
BUSY_TIMEOUT_MILLISECONDS = 30_000
#: Connections that a process keeps for single statements; with more threads at once, more are opened for a while.
KEPT_CONNECTIONS = 8
#: How long a starting host waits for another one to create the tables, in seconds.
PREPARE_TIMEOUT_SECONDS = 30.0
#: Mode of the database file: its owner only. SQLite gives `-wal` and `-shm` the same mode.
FILE_MODE = 0o600
#: Mode bits that let others than the owner at a file.
OTHERS_MODE = 0o077
#: What SQLite appends to the name of the file beside it. Source: https://sqlite.org/wal.html
COMPANIONS = ("", "-wal", "-shm")


class SqliteFile:
    """A database file for the processes of one machine.

    Attributes:
        engine: a connection per transaction; a commit waits for the disk.
        statement_engine: keeps connections; each statement commits itself, and waits for no disk.
        locks: they belong to the file, so that hosts with different home folders share them.
    """

    insert = staticmethod(insert)

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, creating it and its tables where they are missing."""
        self.path = path.resolve()
        self.locks = FileLocks(self.path.parent / "locks")
        url = sa.URL.create("sqlite", database=str(self.path))
        # A connection is opened per transaction: nothing to share between threads or forget at a fork.
        self.engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True)
        sa.event.listen(self.engine, "connect", partial(_connect, synchronous="FULL"))
        # Opening a connection takes ten times as long as a statement. NORMAL, since nothing that is committed here must
        # survive a power cut: see `Database.statement`.
        self.statement_engine = sa.create_engine(
            url,
            poolclass=QueuePool,
            pool_size=KEPT_CONNECTIONS,
            max_overflow=-1,
            pool_use_lifo=True,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )
        sa.event.listen(self.statement_engine, "connect", partial(_connect, synchronous="NORMAL"))
        # A child that inherits a connection takes the parent's locks on the file for its own, and could go on writing
        # to a log that the parent, the last one left for all that it can see, has just deleted.
        # Source: https://sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_
        keep_from_forks(self.statement_engine, close_before=True)
        self._prepare()

    def _prepare(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self.path.touch(mode=FILE_MODE)
            self._take_back()
        except OSError as error:
            raise StoreError(f"the host's database {self.path} cannot be written: {error.strerror}") from error
        with (
            # Turning on WAL does not wait for other connections (https://sqlite.org/wal.html), hence the lock.
            self.locks.hold("database", timeout_seconds=PREPARE_TIMEOUT_SECONDS),
            store_failures(),
            self.engine.begin() as connection,
        ):
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def _take_back(self) -> None:
        """Take the owner's files back from others: they were copied or made with a wider mode."""
        for suffix in COMPANIONS:
            file = self.path.with_name(f"{self.path.name}{suffix}")
            try:
                found = file.stat()
            except FileNotFoundError:
                continue
            if os.name == "posix" and found.st_mode & OTHERS_MODE and found.st_uid == os.geteuid():
                file.chmod(FILE_MODE)


def _connect(connection: Any, _record: object, *, synchronous: str) -> None:
    """Set up a new connection.

    Source: https://sqlite.org/pragma.html#pragma_synchronous (FULL: a commit survives a power cut in WAL; NORMAL:
    it survives the end of the process, and a power cut leaves the file whole).
    """
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}")
    cursor.execute(f"PRAGMA synchronous={synchronous}")
    cursor.close()
