"""What calls of plugins used, added up per hour, site, action and run. What a point is, the plugins know."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .errors import StoreError
from .moments import iso_moment
from .schema import usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vantage_jira_plugin.contract import UsageEntry

    from .database import Database

__all__ = ["COUNTS", "GROUPS", "SqlUsageStore"]

HOUR_SECONDS = 3600
#: How long rows are kept, in seconds: 35 days, so that a month can be looked back at.
KEEP_SECONDS = 35 * 24 * HOUR_SECONDS
#: Of so many entries, one also removes old rows; they come first in the primary key, so that it is cheap.
ENTRIES_PER_PRUNE = 500

#: Columns by which usage can be told apart, by the names that people use.
GROUPS = {
    "hour": usage.c.hour,
    "site": usage.c.cloud_id,
    "action": usage.c.action,
    "run": usage.c.run_id,
    "credential": usage.c.credential_id,
    "app": usage.c.client_id,
    "priority": usage.c.priority,
}
#: Columns that are added up, by the names that people use.
COUNTS = {
    "calls": usage.c.calls,
    "failures": usage.c.failures,
    "requests": usage.c.requests,
    "points": usage.c.points,
    "retries": usage.c.retries,
    "waitedSeconds": usage.c.waited_seconds,
}

_PRUNE = sa.delete(usage).where(usage.c.hour < sa.bindparam("before"))


class SqlUsageStore:
    """The contract's `UsageStore` over a database, and what the command `usage` needs besides."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Keep sums in the table `usage`; `chance` returns a number in 0..1, for when rows are removed."""
        self._database = database
        self._clock = clock
        self._chance = chance
        row = database.insert(usage)
        sums = {column.name: column + row.excluded[column.name] for column in COUNTS.values()}
        self._add = row.on_conflict_do_update(
            index_elements=list(usage.primary_key.columns),
            set_={**sums, "site": sa.func.coalesce(row.excluded.site, usage.c.site)},
        )

    # ---- the contract -----------------------------------------------------------------------

    def add(self, entry: UsageEntry) -> None:
        """Count one call, or its part, in the hour (UTC) of its `at`.

        Raises:
            StoreError: the database could not be written, or does not say whether it was.
        """
        with self._database.statement() as connection:
            connection.execute(self._add, _row(entry))
        if self._chance() * ENTRIES_PER_PRUNE < 1:
            with suppress(StoreError), self._database.statement() as connection:
                connection.execute(_PRUNE, {"before": self._clock() - KEEP_SECONDS})

    def points(
        self, *, client_id: str, cloud_id: str | None = None, run_id: str | None = None, since: float | None = None
    ) -> int:
        """Return the points that calls of this app used: at one site, in one run, since an epoch second.

        The hour in which `since` lies counts as a whole, and nothing is known of what is older than 35 days.

        Raises:
            StoreError: the database could not be read.
        """
        query = sa.select(sa.func.coalesce(sa.func.sum(usage.c.points), 0)).where(usage.c.client_id == client_id)
        if cloud_id is not None:
            query = query.where(usage.c.cloud_id == cloud_id)
        if run_id is not None:
            query = query.where(usage.c.run_id == run_id)
        if since is not None:
            query = query.where(usage.c.hour >= _hour(since))
        with self._database.statement() as connection:
            return int(connection.scalar(query) or 0)

    # ---- the host's command -----------------------------------------------------------------

    def totals(
        self, by: Sequence[str], *, since: float | None = None, credential_id: str | None = None
    ) -> list[dict[str, Any]]:
        """Return sums per group, the newest hour first, then what cost most: `{hour, ..., calls, points, ...}`.

        `by` holds names of `GROUPS`. Hours are ISO 8601 in UTC; what a call did not have is None.

        Raises:
            StoreError: the database could not be read.
        """
        groups = [GROUPS[name] for name in by]
        sums = [sa.func.sum(column).label(name) for name, column in COUNTS.items()]
        query = sa.select(*groups, *sums, sa.func.max(usage.c.site).label("site")).group_by(*groups)
        if since is not None:
            query = query.where(usage.c.hour >= _hour(since))
        if credential_id is not None:
            query = query.where(usage.c.credential_id == credential_id)
        newest = [usage.c.hour.desc()] if "hour" in by else []
        query = query.order_by(*newest, sa.func.sum(usage.c.points).desc(), *groups)
        with self._database.statement() as connection:
            rows = connection.execute(query).mappings().all()
        return [dict(_shown(by, row)) for row in rows]


def _hour(at: float) -> int:
    """Return when the hour of an epoch second began."""
    return int(at // HOUR_SECONDS) * HOUR_SECONDS


def _row(entry: UsageEntry) -> dict[str, Any]:
    return {
        "hour": _hour(entry["at"]),
        "client_id": entry["clientId"],
        "cloud_id": entry["cloudId"] or "",
        "credential_id": entry["credentialId"],
        "action": entry["action"],
        "run_id": entry["runId"] or "",
        "priority": entry["priority"],
        "site": entry["site"],
        "calls": entry["calls"],
        "failures": 0 if entry["code"] is None else 1,
        "requests": entry["requests"],
        "points": entry["points"],
        "retries": entry["retries"],
        "waited_seconds": entry["waitedSeconds"],
    }


def _shown(by: Sequence[str], row: sa.RowMapping) -> Iterator[tuple[str, Any]]:
    for name in by:
        value = row[GROUPS[name]]
        if name == "hour":
            yield name, iso_moment(value)
        elif name == "site":  # a site that nobody has named yet has an id at least
            yield name, row["site"] or value or None
        else:
            yield name, value or None
    for name in COUNTS:
        yield name, round(row[name], 3)
