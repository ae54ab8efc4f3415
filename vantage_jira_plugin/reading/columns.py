"""Which columns a Jira field has, and how each is read. Nothing about which fields a caller asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from vantage_jira_plugin.fields.system import SYSTEM_FIELDS

from . import shapes, sprints, values
from .companions import companions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from vantage_jira_plugin.contract import Column, ColumnType
    from vantage_jira_plugin.fields.info import FieldInfo

    from .column_names import ColumnNames
    from .values import Cell

    #: What rich text becomes in a table.
    TextFormat = Literal["markdown", "plain"]

__all__ = ["SYSTEM_COLUMN_NAMES", "FieldColumn", "TextFormat", "in_format", "other_columns", "system_columns"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a value is read, and the type that comes of it."""

    type: ColumnType
    read: Callable[[object], Cell]


@dataclass(frozen=True, slots=True)
class FieldColumn:
    """One column of a field: what it is called, and how it is read from the field's value."""

    name: str
    type: ColumnType
    title: str
    field_id: str
    read: Callable[[object], Cell]

    @property
    def column(self) -> Column:
        """The column as metadata tells it."""
        return {"name": self.name, "type": self.type, "title": self.title}


def _of(kind: _Kind, *path: str) -> _Kind:
    """Return the kind that reads what lies below an object at this path."""
    read = kind.read
    if len(path) == 1:  # most are: one call less for each cell
        (key,) = path
        return _Kind(kind.type, lambda value: read(value.get(key) if isinstance(value, dict) else None))
    below = shapes.inside(*path)
    return _Kind(kind.type, lambda value: read(below(value)))


_TEXT = _Kind("string", values.text)
_INTEGER = _Kind("integer", values.integer)
_NUMBER = _Kind("number", values.number)
_DATETIME = _Kind("datetime", values.utc_datetime)
_DATE = _Kind("date", values.iso_date)
_TEXTS = _Kind("list", values.listed(values.text))
_NAMED = _Kind("string", values.member("name"))
_PERSON = _Kind("string", values.member("displayName"))
_OPTION = _Kind("string", values.member("value"))
_KEY = _Kind("string", shapes.key_of)
_ID = _Kind("string", shapes.id_of)
_IDS = _Kind("list", values.listed(shapes.id_of))
_PERCENT = _Kind("integer", shapes.percent)
_ACCOUNT_ID = _Kind("string", shapes.account_id)

#: The columns of a system field: the field under its id, then companions under a title of their own.
#: A field that is not here has one column, read by its schema.
_SYSTEM_COLUMNS: Mapping[str, tuple[tuple[str, _Kind, str | None], ...]] = MappingProxyType(
    {
        "status": (
            ("status", _NAMED, None),
            ("statusCategory", _of(_NAMED, "statusCategory"), SYSTEM_FIELDS["statusCategory"].name),
            ("statusId", _ID, "Status id"),
            # Names are in the account's language, the key is the same in all: new, indeterminate, done, undefined.
            ("statusCategoryKey", _of(_KEY, "statusCategory"), "Status Category key"),
        ),
        **{
            field_id: ((field_id, _PERSON, None), (f"{field_id}AccountId", _ACCOUNT_ID, f"{title} account id"))
            for field_id, title in (
                ("assignee", "Assignee"),
                ("reporter", "Reporter"),
                ("creator", "Creator"),
                ("archivedby", "Archiver"),
            )
        },
        **{
            field_id: ((field_id, _NAMED, None), (f"{field_id}Id", _ID, f"{title} id"))
            for field_id, title in (
                ("priority", "Priority"),
                ("issuetype", "Issue Type"),
                ("resolution", "Resolution"),
                ("security", "Security Level"),
            )
        },
        "project": (
            ("project", _NAMED, None),
            ("projectKey", _KEY, "Project key"),
            ("projectId", _ID, "Project id"),
        ),
        "parent": (
            ("parent", _KEY, None),
            ("parentSummary", _of(_TEXT, "fields", "summary"), "Parent summary"),
            ("parentId", _ID, "Parent id"),
        ),
        "components": (("components", _TEXTS, None), ("componentIds", _IDS, "Component ids")),
        "fixVersions": (("fixVersions", _TEXTS, None), ("fixVersionIds", _IDS, "Fix version ids")),
        "versions": (("versions", _TEXTS, None), ("versionIds", _IDS, "Affects version ids")),
        "subtasks": (
            ("subtasks", _Kind("list", values.listed(shapes.key_of)), None),
            ("subtaskIds", _IDS, "Sub-task ids"),
        ),
        "issuelinks": (("issuelinks", _Kind("list", values.listed(shapes.issue_link)), None),),
        "attachment": (("attachment", _TEXTS, None), ("attachmentIds", _IDS, "Attachment ids")),
        "comment": (
            ("comment", _Kind("list", shapes.comment_bodies), None),
            ("commentCount", _of(_INTEGER, "total"), "Comments"),
        ),
        "worklog": (
            ("worklog", _Kind("list", shapes.worklogs), None),
            ("worklogCount", _of(_INTEGER, "total"), "Worklogs"),
        ),
        "votes": (("votes", _of(_INTEGER, "votes"), None),),
        "watches": (("watches", _of(_INTEGER, "watchCount"), None),),
        "timetracking": (
            ("timetracking", _Kind("string", shapes.time_tracking), None),
            (
                "originalEstimateSeconds",
                _of(_INTEGER, "originalEstimateSeconds"),
                "Original estimate (seconds)",
            ),
            (
                "remainingEstimateSeconds",
                _of(_INTEGER, "remainingEstimateSeconds"),
                "Remaining estimate (seconds)",
            ),
            ("timeSpentSeconds", _of(_INTEGER, "timeSpentSeconds"), "Time spent (seconds)"),
        ),
        "issuerestriction": (("issuerestriction", _Kind("list", shapes.restriction), None),),
    }
)

#: How a field is read by its custom type, where that says more than the schema type.
#: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/ (`schema.custom`)
_BY_CUSTOM_TYPE: Mapping[str, _Kind] = MappingProxyType(
    {
        "com.pyxis.greenhopper.jira:gh-sprint": _Kind("list", values.listed(sprints.sprint)),
        "com.pyxis.greenhopper.jira:gh-epic-link": _KEY,
        "com.atlassian.jpo:jpo-custom-field-parent": _Kind("string", shapes.parent_link),
    }
)
#: How a field is read by its schema type; any other type is read as text.
_BY_TYPE: Mapping[str, _Kind] = MappingProxyType(
    {
        "number": _NUMBER,
        "date": _DATE,
        "datetime": _DATETIME,
        "boolean": _Kind("boolean", values.boolean),
        "progress": _PERCENT,
        "user": _PERSON,
        "option": _OPTION,
        **dict.fromkeys(
            ("group", "issuetype", "priority", "project", "resolution", "status", "team", "version"), _NAMED
        ),
        "sd-servicelevelagreement": _Kind("string", shapes.sla),
        "sd-customerrequesttype": _Kind("string", shapes.request_type),
        "sd-feedback": _of(_INTEGER, "rating"),
    }
)
#: How the members of an array are read by their type; any other type is read as text.
_BY_ITEMS: Mapping[str, _Kind] = MappingProxyType(
    {
        "option": _Kind("list", values.listed(values.member("value"))),
        "user": _Kind("list", values.listed(values.member("displayName"))),
        "number": _Kind("list", values.listed(values.number)),
        "date": _Kind("list", values.listed(values.iso_date)),
        "datetime": _Kind("list", values.listed(values.utc_datetime)),
    }
)

#: How columns that may hold rich text are read where it shall be plain.
_PLAIN: Mapping[Callable[[object], Cell], Callable[[object], Cell]] = MappingProxyType(
    {values.text: values.plain_text, shapes.comment_bodies: shapes.plain_comment_bodies}
)


def system_columns(field_id: str) -> tuple[FieldColumn, ...]:
    """Return the columns of one of `SYSTEM_FIELDS`: the field itself, then its companions.

    Titles are English whatever the site's language, so that they do not depend on whether it was asked.
    """
    field = SYSTEM_FIELDS[field_id]
    whole = field.schema_type == "number"  # Jira's own numbers are seconds and percents, never fractions
    columns = _SYSTEM_COLUMNS.get(field_id) or ((field_id, _INTEGER if whole else _kind(field), None),)
    return tuple(
        FieldColumn(name, kind.type, title or field.name, field_id, kind.read) for name, kind, title in columns
    )


def other_columns(field: FieldInfo, names: ColumnNames) -> tuple[FieldColumn, ...]:
    """Return the columns of any other field, by its schema: the field itself, then its companions."""
    kind = _kind(field)
    return (
        FieldColumn(names.main, kind.type, field.name, field.id, kind.read),
        *(
            FieldColumn(name, companion.type, f"{field.name} {companion.title}", field.id, companion.read)
            for name, companion in zip(names.companions, companions(field), strict=True)
        ),
    )


def in_format(column: FieldColumn, text_format: TextFormat) -> FieldColumn:
    """Return the column with rich text in this format; one that has none stays as it is."""
    plain = _PLAIN.get(column.read) if text_format == "plain" else None
    return column if plain is None else replace(column, read=plain)


def _kind(field: FieldInfo) -> _Kind:
    """Return how a field is read, by its schema alone."""
    known = _BY_CUSTOM_TYPE.get(field.custom_type or "")
    if known is not None:
        return known
    if field.schema_type == "array":
        return _BY_ITEMS.get(field.items or "", _TEXTS)
    return _BY_TYPE.get(field.schema_type or "", _TEXT)


#: Every column name that a system field has.
SYSTEM_COLUMN_NAMES = frozenset(column.name for field_id in SYSTEM_FIELDS for column in system_columns(field_id))
