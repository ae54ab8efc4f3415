"""Locks by name between threads, processes and machines that share a PostgreSQL database. Nothing is stored here.

A lock is a row that a transaction of its own keeps locked, while saves go through other connections and are
committed one by one. The server lets go when the connection ends, however it ends.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from .errors import StoreError
from .locks import ThreadLocks, took_too_long
from .sqlfailures import store_failures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["RowLocks", "locks"]

#: One row per lock that was ever taken; rows stay.
locks = sa.Table("locks", sa.MetaData(), sa.Column("name", sa.Text, primary_key=True))

#: Longest `lock_timeout` that PostgreSQL takes, in milliseconds.
LONGEST_TIMEOUT_MILLISECONDS = 2**31 - 1
#: What a locking transaction sets for itself. A holder that hangs loses the lock, and can save no more, after two
#: minutes in which it said nothing: longer than any exchange of tokens takes. A holder whose machine or network
#: is gone loses it after half a minute.
#: Source: https://www.postgresql.org/docs/current/runtime-config-client.html
#: and https://www.postgresql.org/docs/current/runtime-config-connection.html#RUNTIME-CONFIG-TCP-SETTINGS
TRANSACTION_SETTINGS = {
    "idle_in_transaction_session_timeout": "120000",  # milliseconds
    "tcp_keepalives_idle": "10",  # seconds
    "tcp_keepalives_interval": "5",  # seconds
    "tcp_keepalives_count": "3",
}
#: SQLSTATEs of a statement that waited too long: lock_timeout, and an administrator's statement_timeout.
#: Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
WAITED_TOO_LONG = frozenset({"55P03", "57014"})


class RowLocks:
    """One locked row per name. See `locks.Locks` for what `hold` promises.

    A process has as many connections open here as it holds, or waits for, different names.
    """

    def __init__(self, engine: sa.Engine) -> None:
        """Lock rows over connections of `engine`, which must keep none of them open."""
        self._engine = engine
        self._threads = ThreadLocks()

    @contextmanager
    def hold(self, name: str, *, timeout_seconds: float) -> Iterator[Callable[[], None]]:
        """Hold the lock of that name while the block runs; gives a function that raises where it was lost."""
        with self._threads.hold(name, timeout_seconds=timeout_seconds) as left_seconds:
            with store_failures():
                connection = self._engine.connect()
            try:
                try:
                    with store_failures():
                        _lock(connection, name, left_seconds)
                except StoreError as error:
                    if _sqlstate(error.__cause__) in WAITED_TOO_LONG:
                        raise took_too_long(name, timeout_seconds) from None
                    raise
                yield partial(_confirm, connection, name)
            finally:
                # A connection that broke has let go already; what was saved under it stays saved.
                with suppress(SQLAlchemyError):
                    connection.close()


def _lock(connection: sa.Connection, name: str, timeout_seconds: float) -> None:
    row = sa.select(locks.c.name).where(locks.c.name == name).with_for_update()
    _begin(connection, timeout_seconds)
    if connection.scalar(row) is None:
        # The first use. Committed before it is locked: what is not committed, others can not wait for.
        connection.execute(insert(locks).values(name=name).on_conflict_do_nothing())
        connection.commit()
        _begin(connection, timeout_seconds)
        if connection.scalar(row) is None:
            raise StoreError(f"the lock {name!r} vanished from the database while it was taken")


def _begin(connection: sa.Connection, timeout_seconds: float) -> None:
    """Begin a transaction with settings of its own; they end with it."""
    milliseconds = min(max(round(timeout_seconds * 1000), 1), LONGEST_TIMEOUT_MILLISECONDS)  # 0 would be for ever
    settings = {"lock_timeout": str(milliseconds), **TRANSACTION_SETTINGS}
    connection.execute(sa.select(*(sa.func.set_config(key, value, sa.true()) for key, value in settings.items())))


def _confirm(connection: sa.Connection, name: str) -> None:
    """Make sure that the transaction which holds the lock is still alive."""
    try:
        connection.execute(sa.select(1))
    except SQLAlchemyError as error:
        raise StoreError(f"{name!r} is no longer held: the connection to the database broke meanwhile") from error


def _sqlstate(error: BaseException | None) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
