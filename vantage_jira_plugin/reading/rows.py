"""An issue as Jira answers it to a flat row whose columns are known beforehand. No HTTP, no paging."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from vantage_jira_plugin.fields.system import ALWAYS_COLUMNS, SYSTEM_FIELDS

from .column_names import column_names
from .columns import SYSTEM_COLUMN_NAMES, in_format, other_columns, system_columns
from .selection import parse_fields, select_fields
from .values import text, utc_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.fields.names import FieldCatalogue

    from .columns import FieldColumn, TextFormat
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
    #: A row without values, the columns of lists, and how the columns of each field are read.
    _empty: Mapping[str, Cell]
    _lists: tuple[str, ...]
    _readers: Mapping[str, tuple[tuple[str, Callable[[object], Cell]], ...]]

    def row(self, issue: Mapping[str, object], site_url: str | None) -> dict[str, object]:
        """Return one issue (`{"id", "key", "fields": {...}}`) as a row.

        Every column is there: None where the issue has nothing, an empty list in a column of lists. Values
        of an unexpected shape become readable text, or None in a column that holds no text.
        """
        row: dict[str, object] = dict(self._empty)
        for name in self._lists:
            row[name] = []
        row["id"] = text(issue.get("id"))
        row["key"] = key = text(issue.get("key"))
        row["url"] = browse_url(site_url, key)
        fields = issue.get("fields")
        if isinstance(fields, dict):
            readers = self._readers
            # What an issue has is less than what it could have; what is empty is as in a row without values.
            for field_id, value in fields.items():
                if value is None or (not value and value != 0):
                    continue
                for name, read in readers.get(field_id, ()):
                    row[name] = read(value)
        if _ISSUE_KEY in row:
            row[_ISSUE_KEY] = key
        return row


def issue_table(
    fields: Sequence[str], catalogue: FieldCatalogue | None, *, text_format: TextFormat = "markdown"
) -> IssueTable:
    """Return the plan of a table with these fields: ids, keys, names, `*all`, `*navigable`, `-excluded`.

    Columns depend on the fields and the catalogue alone. `catalogue` may be None where
    `fields.system.needs_catalogue` says so. No fields means the default ones. `text_format` says what rich text
    becomes.

    Plans are kept: the same fields of the same catalogue are planned once.

    Raises:
        InputError: a name means no field or several; `errors` names the input `fields`.
    """
    return _planned(tuple(fields), catalogue, text_format)


@lru_cache(maxsize=_KEPT_PLANS)
def _planned(fields: tuple[str, ...], catalogue: FieldCatalogue | None, text_format: TextFormat) -> IssueTable:
    selection = select_fields(fields, catalogue)
    others = (field for field in (catalogue.all() if catalogue else ()) if field.id not in SYSTEM_FIELDS)
    names = column_names(others, _TAKEN)
    found: dict[str, FieldColumn] = {}
    for field in selection.fields:
        system = field.id in SYSTEM_FIELDS
        for column in system_columns(field.id) if system else other_columns(field, names[field.id]):
            # `statusCategory` is a companion and a field of its own.
            found.setdefault(column.name, in_format(column, text_format))
    columns = (*_ALWAYS, *(column.column for column in found.values()))
    readers: dict[str, list[tuple[str, Callable[[object], Cell]]]] = {}
    for column in found.values():
        readers.setdefault(column.field_id, []).append((column.name, column.read))
    return IssueTable(
        columns=columns,
        request_fields=selection.request_fields,
        _empty=dict.fromkeys(column["name"] for column in columns),
        _lists=tuple(column["name"] for column in columns if column["type"] == "list"),
        _readers={field_id: tuple(pairs) for field_id, pairs in readers.items()},
    )


def browse_url(site_url: str | None, key: str | None) -> str | None:
    """Return where people see an issue or a project; None where the site or the key is not known."""
    if not site_url or not key:
        return None
    # Most keys are letters, digits and a hyphen, which need no quoting.
    plain = key.isascii() and key.replace("-", "_").isidentifier()
    return f"{site_url.rstrip('/')}/browse/{key if plain else quote(key, safe='', errors='replace')}"


def part_url(site_url: str | None, issue_key: str, focus: str, part_id: str | None) -> str | None:
    """Return where people see a part of an issue, such as `focusedCommentId`; the issue where its id is not known."""
    url = browse_url(site_url, issue_key)
    return f"{url}?{focus}={quote(part_id, safe='', errors='replace')}" if url and part_id else url
