"""One issue as a synchronisation takes it: its row, its identity, its times. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.operations import SEARCH_ISSUES
from vantage_jira_plugin.reading.pages import not_jiras
from vantage_jira_plugin.reading.rows import utc_datetime

from .columns import change_columns, own_names
from .window import milliseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.reading.rows import IssueTable

__all__ = ["ARCHIVED_FIELDS", "Item", "Plan", "identity"]

#: Fields that tell when an issue was created and when it changed last.
_TIME_FIELDS = ("created", "updated")
#: Fields that tell whether an issue is archived, beside when it changed.
#: Source: recorded answers of Data Center; whether Cloud has the last two is not documented, and asking does no harm.
ARCHIVED_FIELDS = ("updated", "archiveddate", "archivedby")
#: Most digits of an id: Jira's are of 64 bits. Source: OpenAPI file, POST search/jql, reconcileIssues (int64).
_ID_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Item:
    """An issue that was read; `created_ms` and `updated_ms` are None where it does not tell."""

    id: int
    key: str
    created_ms: int | None
    updated_ms: int | None
    row: dict[str, Any]


class Plan:
    """How issues become rows.

    Attributes:
        columns: of the table.
        request_fields: what to ask Jira for.
    """

    def __init__(self, table: IssueTable, site_url: str | None) -> None:
        self.columns: tuple[Column, ...] = change_columns(table.columns)
        self.request_fields = _with_times(table.request_fields)
        self._table = table
        self._site_url = site_url
        self._names = own_names(table.columns)

    def item(self, issue: dict[str, Any]) -> Item:
        """Return an issue (`{"id", "key", "fields": {...}}`) as it is read.

        Raises:
            JiraUnavailableError: it has no id or no key.
        """
        issue_id, key = identity(issue)
        fields = issue.get("fields")
        times = fields if isinstance(fields, dict) else {}
        row = self._row(self._table.row(issue, self._site_url))
        row["changedAt"] = utc_datetime(times.get("updated"))
        row["inQuery"] = True
        return Item(issue_id, key, milliseconds(times.get("created")), milliseconds(times.get("updated")), row)

    def gone(self, issue_id: int, key: str, *, change: str, changed_at: str | None, visible: bool) -> dict[str, Any]:
        """Return the row of an issue that the query does not find any more; it has an address where it is visible."""
        issue = {"id": str(issue_id), "key": key}
        row = self._row(self._table.row(issue, self._site_url if visible else None))
        row["change"] = change
        row["changedAt"] = changed_at
        row["inQuery"] = False
        return row

    def _row(self, fields: dict[str, Any]) -> dict[str, Any]:
        row = {
            "id": fields.pop("id"),
            "key": fields.pop("key"),
            "url": fields.pop("url"),
            "change": None,
            "changedAt": None,
            "previousKey": None,
            "inQuery": None,
        }
        for name, value in fields.items():
            row[self._names[name]] = value
        return row


def identity(issue: dict[str, Any]) -> tuple[int, str]:
    """Return id and key of an issue.

    Raises:
        JiraUnavailableError: it has none.
    """
    issue_id, key = str(issue.get("id")), issue.get("key")
    number = issue_id.isascii() and issue_id.isdigit() and len(issue_id) <= _ID_DIGITS
    if not number or not isinstance(key, str) or not key:
        raise not_jiras(SEARCH_ISSUES, "an issue without id or key")
    return int(issue_id), key


def _with_times(fields: Sequence[str]) -> tuple[str, ...]:
    """Return what to ask for, with the times; a wildcard brings them where they are not left out."""
    kept = [name for name in fields if name not in {f"-{time}" for time in _TIME_FIELDS}]
    wild = any(name.startswith("*") for name in kept)
    return (*kept, *(time for time in _TIME_FIELDS if not wild and time not in kept))
