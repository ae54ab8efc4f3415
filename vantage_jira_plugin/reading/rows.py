"""An issue as Jira answers it to a flat row whose columns are known beforehand. No HTTP, no paging."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from vantage_jira_plugin.fields.system import ALWAYS_COLUMNS, SYSTEM_FIELDS

from .column_names import column_names
from .columns import SYSTEM_COLUMN_NAMES, other_columns, system_columns
from .selection import parse_fields, select_fields
from .values import text, utc_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.fields.names import FieldCatalogue

    from .columns import FieldColumn
    from .values import Cell

__all__ = ["IssueTable", "browse_url", "issue_table", "parse_fields", "part_url", "utc_datetime"]

#: The columns that every issue row starts with.
_ALWAYS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "url", "type": "string", "title": "URL"},
)
#: No custom field's column may be called so: what every row has, `_raw`, and system fields.
_TAKEN = SYSTEM_COLUMN_NAMES | set(ALWAYS_COLUMNS) | {"_raw"}

#: Plans kept, of the latest sets of fields; a catalogue lives as long as a plan of it.
_KEPT_PLANS = 64
#: The one system field whose value Jira gives beside `fields`, not in it.
_ISSUE_KEY = "issuekey"


@dataclass(frozen=True, slots=True)
class IssueTable:
    """The plan of a table of issues.

    Attributes:
        columns: `id`, `key`, `url`, then the columns of each field.
        request_fields: what to send to Jira as `fields`.
    """

    columns: tuple[Column, ...]
    request_fields: tuple[str, ...]
    _readers: tuple[tuple[str, str, Callable[[object], Cell]], ...]

    def row(self, issue: Mapping[str, object], site_url: str | None) -> dict[str, object]:
        """Return one issue (`{"id", "key", "fields": {...}}`) as a row.

        Every column is there: None where the issue has nothing, an empty list in a column of lists. Values
        of an unexpected shape become readable text, or None in a column that holds no text.
        """
        fields = issue.get("fields")
        values = fields if isinstance(fields, dict) else {}
        key = text(issue.get("key"))
        row: dict[str, object] = {
            "id": text(issue.get("id")),
            "key": key,
            "url": browse_url(site_url, key),
        }
        for name, field_id, read in self._readers:
            row[name] = read(values.get(field_id))
        if _ISSUE_KEY in row:
            row[_ISSUE_KEY] = key
        return row


def issue_table(fields: Sequence[str], catalogue: FieldCatalogue | None) -> IssueTable:
    """Return the plan of a table with these fields: ids, keys, names, `*all`, `*navigable`, `-excluded`.

    Columns depend on the fields and the catalogue alone. `catalogue` may be None where
    `fields.system.needs_catalogue` says so. No fields means the default ones.

    Plans are kept: the same fields of the same catalogue are planned once.

    Raises:
        InputError: a name means no field or several; `errors` names the input `fields`.
    """
    return _planned(tuple(fields), catalogue)


@lru_cache(maxsize=_KEPT_PLANS)
def _planned(fields: tuple[str, ...], catalogue: FieldCatalogue | None) -> IssueTable:
    selection = select_fields(fields, catalogue)
    others = (field for field in (catalogue.all() if catalogue else ()) if field.id not in SYSTEM_FIELDS)
    names = column_names(others, _TAKEN)
    found: dict[str, FieldColumn] = {}
    for field in selection.fields:
        system = field.id in SYSTEM_FIELDS
        for column in system_columns(field.id) if system else other_columns(field, names[field.id]):
            found.setdefault(column.name, column)  # `statusCategory` is a companion and a field of its own
    return IssueTable(
        columns=(*_ALWAYS, *(column.column for column in found.values())),
        request_fields=selection.request_fields,
        _readers=tuple((column.name, column.field_id, column.read) for column in found.values()),
    )


def browse_url(site_url: str | None, key: str | None) -> str | None:
    """Return where people see an issue or a project; None where the site or the key is not known."""
    return f"{site_url.rstrip('/')}/browse/{quote(key, safe='', errors='replace')}" if site_url and key else None


def part_url(site_url: str | None, issue_key: str, focus: str, part_id: str | None) -> str | None:
    """Return where people see a part of an issue, such as `focusedCommentId`; the issue where its id is not known."""
    url = browse_url(site_url, issue_key)
    return f"{url}?{focus}={quote(part_id, safe='', errors='replace')}" if url and part_id else url
