"""The host's database: which one, and its transactions. What rows mean is the stores' business."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from .errors import HostError
from .postgresql import PostgresqlServer
from .sqlfailures import store_failures
from .sqlite import SqliteFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

    from .home import Home
    from .locks import Locks

__all__ = ["Database"]

#: Names the database as a URL; without it a SQLite file in the home folder is used.
DATABASE_VARIABLE = "VANTAGE_DATABASE_URL"
#: How URLs of PostgreSQL may begin. Source: https://www.postgresql.org/docs/current/libpq-connect.html
POSTGRESQL_NAMES = frozenset({"postgresql", "postgres"})


class Database:
    """One database, safe to use from many threads and processes."""

    def __init__(self, server: SqliteFile | PostgresqlServer) -> None:
        self._server = server

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], home: Home) -> Database:
        """Open the database that the environment names, else the one in the home folder.

        Raises:
            HostError: the URL is not one this host can use.
            StoreError: the database cannot be used.
        """
        named = environ.get(DATABASE_VARIABLE)
        if not named:
            return cls(SqliteFile(home.database_path))
        hint = f"{DATABASE_VARIABLE}=sqlite:////var/lib/vantage/vantage.db or postgresql://user@host/database"
        try:
            url = sa.make_url(named)
        except (ArgumentError, ValueError):  # their texts repeat the URL, which may hold a password
            raise HostError(f"{DATABASE_VARIABLE} is not a database URL", hint=hint) from None
        if url.get_backend_name() in POSTGRESQL_NAMES:
            return cls(PostgresqlServer(url))
        if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
            raise HostError(f"{DATABASE_VARIABLE} names neither a SQLite file nor PostgreSQL", hint=hint)
        path = Path(str(url.database)).resolve()
        if not path.parent.is_dir() and not path.is_relative_to(home.path):
            raise HostError(
                f"{DATABASE_VARIABLE} names a file in a folder that is not there: {path.parent}",
                hint=f"mkdir -m 700 -p {path.parent}",
            )
        return cls(SqliteFile(path))

    @property
    def locks(self) -> Locks:
        """Locks that every host with this database shares."""
        return self._server.locks

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Run one transaction: committed, and on the disk, when the block ends without an error.

        Raises:
            StoreError: the database could not be read or written.
        """
        with store_failures(), self._server.engine.begin() as connection:
            yield connection

    @contextmanager
    def statement(self) -> Iterator[sa.Connection]:
        """Run one statement, cheaply: a transaction of its own, which survives the end of this process.

        Of SQLite, a power cut may take back the last of them; never a part of one, nor what `begin` has committed.

        Raises:
            StoreError: the database could not be read or written.
        """
        with store_failures(), self._server.statement_engine.connect() as connection:
            yield connection

    def insert(self, table: sa.Table) -> SqliteInsert | PostgresqlInsert:
        """Return an INSERT that can say what happens where the row is there already."""
        return self._server.insert(table)

    def upsert(
        self, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any], new: Mapping[str, Any]
    ) -> None:
        """Set `values` in the row of that primary key; where there is none, add it with `new` besides.

        Raises:
            StoreError: the database could not be written.
        """
        query = self.insert(table).values(**key, **new, **values)
        with self.begin() as connection:
            connection.execute(query.on_conflict_do_update(index_elements=list(key), set_=dict(values)))

    def close(self) -> None:
        """Close the connections that are kept open; those in use close when their transaction ends."""
        self._server.engine.dispose()
        self._server.statement_engine.dispose()
