"""Small values that all workers share, replaced by version. What they mean is the plugins' business."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from vantage_jira_plugin.contract import SharedValue

from .errors import StoreError
from .schema import shared_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .database import Database

__all__ = ["SqlSharedState"]

#: How long the row of a value that is past its time stays, in seconds. While it does, versions go on where they were;
#: after that they go on from the clock, which workers may differ in by less than this.
GRACE_SECONDS = 3600.0
#: Of so many replacements, one also removes rows; it looks at every row there is.
REPLACES_PER_PRUNE = 1000
#: Most rows that are removed at once, so that nobody waits long.
MOST_PRUNED = 500
#: What is to be kept for so long, in seconds, is not for losing in a power cut either: its commit waits for the disk.
DURABLE_SECONDS = 86_400.0
#: A new row's version is the time in this part of a second: larger than any version that its name has had.
VERSIONS_PER_SECOND = 1_000_000

_LIVE = sa.and_(shared_state.c.value.is_not(sa.null()), shared_state.c.keep_until > sa.bindparam("now"))
_READ = sa.select(shared_state.c.name, shared_state.c.value, shared_state.c.version).where(
    shared_state.c.name.in_(sa.bindparam("names", expanding=True)), _LIVE
)
_REPLACE = (
    sa.update(shared_state)
    .where(shared_state.c.name == sa.bindparam("known_name"), shared_state.c.version == sa.bindparam("known_version"))
    .values(
        value=sa.bindparam("new_value"),
        version=shared_state.c.version + 1,
        keep_until=sa.bindparam("new_keep_until"),
    )
)
_PAST = shared_state.c.keep_until < sa.bindparam("before")
_FIND_PAST = sa.select(shared_state.c.name).where(_PAST).limit(MOST_PRUNED)
_REMOVE_PAST = sa.delete(shared_state).where(shared_state.c.name.in_(sa.bindparam("names", expanding=True)), _PAST)


class SqlSharedState:
    """The contract's `SharedState` over a database.

    Each change is one statement, which on SQLite waits for other writers instead of failing, and on PostgreSQL looks
    again at a row that another one has just changed.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Keep values in the table `shared_state`; `chance` returns a number in 0..1, for when rows are removed."""
        self._database = database
        self._clock = clock
        self._chance = chance
        row = database.insert(shared_state)
        # A row that is past its time, or was forgotten, counts as none; its version goes on.
        self._add = row.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "value": row.excluded.value,
                "version": shared_state.c.version + 1,
                "keep_until": row.excluded.keep_until,
            },
            where=sa.not_(_LIVE),
        ).execution_options(preserve_rowcount=True)

    def read(self, names: Sequence[str]) -> dict[str, SharedValue]:
        """Return the values stored under these names; a name without a value is left out.

        Raises:
            StoreError: the database could not be read.
        """
        if not names:
            return {}
        with self._database.statement() as connection:
            rows = connection.execute(_READ, {"names": list(names), "now": self._clock()}).all()
        return {name: SharedValue(value, version) for name, value, version in rows}

    def replace(self, name: str, value: Mapping[str, Any] | None, *, version: int, keep_seconds: float) -> bool:
        """Store a value (None: forget it) in place of that version, 0 where there is none; see the contract.

        A version that is past its time but still stored can be replaced as well: nobody has changed it.

        Raises:
            StoreError: the database could not be written, or does not say whether it was.
        """
        if value is None and not version:
            return not self.read([name])
        now = self._clock()
        new = None if value is None else dict(value)
        keep_until = now if value is None else now + keep_seconds
        database = self._database
        with database.begin() if keep_seconds >= DURABLE_SECONDS else database.statement() as connection:
            if version:
                changed = self._replaced(connection, name, new, version, keep_until)
            else:
                changed = self._added(connection, name, new, keep_until, now)
        if self._chance() * REPLACES_PER_PRUNE < 1:
            with suppress(StoreError):  # what was asked for is done; another one will tidy up
                self._prune(now)
        return changed

    @staticmethod
    def _replaced(connection: sa.Connection, name: str, value: Any, version: int, keep_until: float) -> bool:
        known = {"known_name": name, "known_version": version}
        return connection.execute(_REPLACE, {**known, "new_value": value, "new_keep_until": keep_until}).rowcount > 0

    def _added(self, connection: sa.Connection, name: str, value: Any, keep_until: float, now: float) -> bool:
        version = max(int(now * VERSIONS_PER_SECOND), 1)
        row = {"name": name, "value": value, "version": version, "keep_until": keep_until, "now": now}
        return connection.execute(self._add, row).rowcount > 0

    def _prune(self, now: float) -> None:
        """Remove rows that are long past their time; they are looked for first, since that keeps nobody waiting."""
        before = now - GRACE_SECONDS
        with self._database.statement() as connection:
            names = connection.scalars(_FIND_PAST, {"before": before}).all()
        if names:
            with self._database.statement() as connection:
                connection.execute(_REMOVE_PAST, {"names": names, "before": before})
