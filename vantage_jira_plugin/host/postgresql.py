"""PostgreSQL as the host's database: connections and tables. Locks are elsewhere, what rows mean as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import CreateIndex, CreateTable

from .errors import HostError
from .forks import keep_from_forks
from .rowlocks import RowLocks, locks
from .schema import metadata
from .sqlfailures import store_failures

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PostgresqlServer"]

#: The driver, psycopg 3, which the extra `postgres` brings.
DRIVER = "postgresql+psycopg"
#: Connections that a process keeps for reading and saving, and how many more it opens for a while. Transactions
#: are short, so that a thread without one waits no longer than for a few of them.
POOL_SIZE = 5
POOL_OVERFLOW = 5
#: How long it waits at most, in seconds.
POOL_TIMEOUT_SECONDS = 30
#: After this time a kept connection is replaced, in seconds.
POOL_RECYCLE_SECONDS = 1800
#: How long a starting host waits for another one to create the tables, in milliseconds.
PREPARE_TIMEOUT_MILLISECONDS = 30_000
#: Advisory lock of whoever creates the tables; the number means nothing.
PREPARE_LOCK = 8_735_092_611

#: What libpq does unless the URL says otherwise; a dead network is noticed after half a minute.
#: Source: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
CONNECTION_DEFAULTS = {
    "application_name": "vantage",
    "connect_timeout": "10",  # seconds
    "keepalives_idle": "10",  # seconds
    "keepalives_interval": "5",  # seconds
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds
}


class PostgresqlServer:
    """A database for workers on many machines.

    Attributes:
        engine: keeps connections; a commit waits for the server's disk.
        statement_engine: the same connections; each statement commits itself, which spares two messages.
        locks: rows that a transaction of their own keeps locked.
    """

    insert = staticmethod(insert)

    def __init__(self, url: sa.URL) -> None:
        """Open the database at `url`, creating the tables where they are missing.

        Raises:
            HostError: the driver is not installed.
            StoreError: the server cannot be used.
        """
        missing = {name: value for name, value in CONNECTION_DEFAULTS.items() if name not in url.query}
        url = url.set(drivername=DRIVER).update_query_dict(missing)
        # READ COMMITTED, so that what is read under the lock is what the last holder saved. No prepared
        # statements: a pooler between here and the server may send each transaction to another connection.
        options: dict[str, Any] = {
            "hide_parameters": True,
            "isolation_level": "READ COMMITTED",
            "use_native_hstore": False,  # spares looking for it on every new connection
            "connect_args": {"prepare_threshold": None},
        }
        try:
            self.engine = sa.create_engine(
                url,
                pool_size=POOL_SIZE,
                max_overflow=POOL_OVERFLOW,
                pool_timeout=POOL_TIMEOUT_SECONDS,
                pool_recycle=POOL_RECYCLE_SECONDS,
                pool_pre_ping=True,
                **options,
            )
            self.statement_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            self.locks = RowLocks(sa.create_engine(url, poolclass=sa.NullPool, **options))
        except ImportError:
            raise HostError(
                "the driver for PostgreSQL is not installed", hint="pip install 'vantage-jira-plugin[postgres]'"
            ) from None
        sa.event.listen(self.engine, "connect", _connect)
        keep_from_forks(self.engine)
        with store_failures():
            self._prepare()

    def _prepare(self) -> None:
        """Create missing tables. Where there are none, the right to create is not needed."""
        tables = [*metadata.sorted_tables, locks]
        with self.engine.begin() as connection:
            if not _missing(connection, tables):
                return
            # Two `CREATE TABLE IF NOT EXISTS` at once: one of them may fail, hence the lock.
            connection.execute(
                sa.select(sa.func.set_config("lock_timeout", str(PREPARE_TIMEOUT_MILLISECONDS), sa.true()))
            )
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PREPARE_LOCK)))
            for table in _missing(connection, tables):
                connection.execute(CreateTable(table))
                for index in table.indexes:
                    connection.execute(CreateIndex(index))


def _missing(connection: sa.Connection, tables: Iterable[sa.Table]) -> list[sa.Table]:
    inspector = sa.inspect(connection)
    return [table for table in tables if not inspector.has_table(table.name)]


def _connect(connection: Any, _record: object) -> None:
    """Wait for the disk at a commit where the server's settings would not.

    Source: https://www.postgresql.org/docs/current/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT
    """
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.commit()
