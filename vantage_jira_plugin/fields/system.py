"""Jira's system fields, known without asking. No custom field and no reading of values."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from .info import FieldInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "ALWAYS_COLUMNS",
    "DEFAULT_ISSUE_FIELDS",
    "EXCLUDE",
    "SYSTEM_FIELDS",
    "WILDCARDS",
    "needs_catalogue",
]

#: What a wildcard looks like in `fields`.
#: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
WILDCARDS = ("*all", "*navigable")
#: A field prefixed so is left out (same source).
EXCLUDE = "-"
#: Part of every issue row; asking for them adds nothing.
ALWAYS_COLUMNS = ("id", "key", "url")

#: What an issue row holds where nobody said otherwise.
DEFAULT_ISSUE_FIELDS: tuple[str, ...] = (
    "summary",
    "status",
    "assignee",
    "reporter",
    "priority",
    "issuetype",
    "description",
    "created",
    "updated",
    "project",
    "labels",
    "components",
)

#: id, English name, schema type (`array/x` = array of x), as `GET /rest/api/3/field` answers them; the
#: order is the order of columns under a wildcard. Four have no schema on some sites (`issuekey`, `parent`,
#: `thumbnail`, `statusCategory`).
#: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/
_TABLE: tuple[tuple[str, str, str | None], ...] = (
    ("issuekey", "Key", None),
    ("summary", "Summary", "string"),
    ("status", "Status", "status"),
    ("statusCategory", "Status Category", "statusCategory"),
    ("assignee", "Assignee", "user"),
    ("reporter", "Reporter", "user"),
    ("creator", "Creator", "user"),
    ("priority", "Priority", "priority"),
    ("issuetype", "Issue Type", "issuetype"),
    ("resolution", "Resolution", "resolution"),
    ("description", "Description", "string"),
    ("environment", "Environment", "string"),
    ("created", "Created", "datetime"),
    ("updated", "Updated", "datetime"),
    ("duedate", "Due date", "date"),
    ("resolutiondate", "Resolved", "datetime"),
    ("statuscategorychangedate", "Status Category Changed", "datetime"),
    ("lastViewed", "Last Viewed", "datetime"),
    ("archiveddate", "Archived", "datetime"),
    ("archivedby", "Archiver", "user"),
    ("project", "Project", "project"),
    ("parent", "Parent", None),
    ("labels", "Labels", "array/string"),
    ("components", "Components", "array/component"),
    ("fixVersions", "Fix versions", "array/version"),
    ("versions", "Affects versions", "array/version"),
    ("subtasks", "Sub-tasks", "array/issuelinks"),
    ("issuelinks", "Linked Issues", "array/issuelinks"),
    ("attachment", "Attachment", "array/attachment"),
    ("comment", "Comment", "comments-page"),
    ("worklog", "Log Work", "array/worklog"),
    ("votes", "Votes", "votes"),
    ("watches", "Watchers", "watches"),
    ("timespent", "Time Spent", "number"),
    ("timeestimate", "Remaining Estimate", "number"),
    ("timeoriginalestimate", "Original estimate", "number"),
    ("aggregatetimespent", "Σ Time Spent", "number"),
    ("aggregatetimeestimate", "Σ Remaining Estimate", "number"),
    ("aggregatetimeoriginalestimate", "Σ Original Estimate", "number"),
    ("timetracking", "Time tracking", "timetracking"),
    ("progress", "Progress", "progress"),
    ("aggregateprogress", "Σ Progress", "progress"),
    ("workratio", "Work Ratio", "number"),
    ("security", "Security Level", "securitylevel"),
    ("issuerestriction", "Restrict to", "issuerestriction"),
    ("thumbnail", "Images", None),
)
#: System fields that the issue navigator cannot show, so that `*navigable` leaves them out (recorded).
_NOT_NAVIGABLE = frozenset({"attachment", "comment", "issuerestriction", "timetracking", "worklog"})


def _system_field(field_id: str, name: str, schema: str | None) -> FieldInfo:
    """Return one line of the table as a field."""
    schema_type, _, items = (schema or "").partition("/")
    return FieldInfo(
        id=field_id,
        key=field_id,
        name=name,
        custom=False,
        navigable=field_id not in _NOT_NAVIGABLE,
        schema_type=schema_type or None,
        items=items or None,
    )


#: Jira's system fields by id. Names are English, whatever language the account reads.
SYSTEM_FIELDS: Mapping[str, FieldInfo] = MappingProxyType(
    {field_id: _system_field(field_id, name, schema) for field_id, name, schema in _TABLE}
)


def needs_catalogue(fields: Sequence[str]) -> bool:
    """Return whether `GET /rest/api/3/field` is needed to understand these fields.

    It is not where each one is the id of a system field, and not for the columns every row has.
    """
    if all(field.startswith(EXCLUDE) for field in fields):
        return bool(fields)  # nothing but exclusions means all navigable fields but these
    known = SYSTEM_FIELDS.keys() | set(ALWAYS_COLUMNS)
    return any(field.removeprefix(EXCLUDE) not in known for field in fields)
