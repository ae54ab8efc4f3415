"""Which pages of a search an unfinished export has kept, as its journal says, and which were asked for again.

It reads what the connector has written, and is the one module here that knows its form; see docs/exports.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.exporting.journal import entries
from vantage_jira_plugin.exporting.places import place_of
from vantage_jira_plugin.exporting.targets import parse_target
from vantage_jira_plugin.reading.slices import Slice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["SpooledPages"]

Position = tuple[int, ...]


@dataclass(frozen=True)
class _Kept:
    """What was kept when a run was killed.

    Attributes:
        after: how many requests the log had then.
        tokens: of pages that were kept, and of those behind them; each leads on in one chain of pages.
        past: tokens of pages that were kept.
        clauses: bounds of slices of which a page was kept.
    """

    after: int
    tokens: frozenset[str]
    past: frozenset[str]
    clauses: frozenset[tuple[str, ...]]


class SpooledPages:
    """What was kept of an export to this target, kill by kill."""

    def __init__(self, target: Path) -> None:
        self._journal = place_of(parse_target(str(target), None, None)).spool / "journal"
        self._kept: list[_Kept] = []

    def note(self, *, after: int) -> int:
        """Note what is kept now, when the log has so many requests; return how many rows that are."""
        tokens: dict[Position, list[str | None]] = {}
        rows: dict[Position, int] = {}
        clauses: set[tuple[str, ...]] = set()
        for entry, _ in entries(self._journal):
            for part in entry.get("plan", ()):
                rows[tuple(part[0])] = part[3]
            if "page" in entry:
                position = tuple(entry["page"])
                rows[position] = entry["rows"]
                tokens.setdefault(position, []).append(entry["state"].get("token"))
                if "low" in entry["state"]:
                    clauses.add(Slice(entry["state"]["low"], entry["state"]["high"]).clauses)
        led = {token for chain in tokens.values() for token in chain if token is not None}
        past = {token for chain in tokens.values() for token in chain[:-1] if token is not None}
        self._kept.append(_Kept(after, frozenset(led), frozenset(past), frozenset(clauses)))
        return sum(rows.values())

    def asked_again(self, log: Sequence[Mapping[str, Any]]) -> int:
        """Return how many requests of the log were for pages that had been kept before."""
        asked = [_page(entry) for entry in log]
        query_of = {token: jql for jql, token in filter(None, asked) if token is not None}
        count = 0
        for kept in self._kept:
            begun = {query_of[token] for token in kept.tokens if token in query_of}
            later = list(filter(None, asked[kept.after :]))
            count += sum(
                token in kept.past or (token is None and (jql in begun or _bounds(jql) in kept.clauses))
                for jql, token in later
            )
        return count


def _page(entry: Mapping[str, Any]) -> tuple[str, str | None] | None:
    """Return query and token of a request for a page of all fields; None for any other."""
    if not entry["path"].endswith("/search/jql"):
        return None
    body = json.loads(entry["body"])
    return None if body.get("maxResults") == 1 else (body["jql"], body.get("nextPageToken"))


def _bounds(jql: str) -> tuple[str, ...]:
    """Return the bounds by `created` that a query of a slice names."""
    clauses = jql.partition(" ORDER BY ")[0].split(" AND ")
    return tuple(clause for clause in clauses if clause.startswith("created "))
