"""The fields of a site: ids, schemas, clause names. Values are read in `intake`, shown in `rendering`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .catalogue import Option

__all__ = ["FIELD_KINDS", "Field", "custom_field", "field_json", "system_fields"]

_CUSTOM_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `kind` says how its values are kept, read, shown and searched.

    Attributes:
        settable: create and edit screens carry it.
        project_ids: projects that have it; None means all.
    """

    id: str
    name: str
    kind: str
    clause_names: tuple[str, ...] = ()
    schema_type: str | None = None
    schema_items: str | None = None
    custom_type: str | None = None
    orderable: bool = False
    navigable: bool = True
    searchable: bool = True
    settable: bool = False
    options: tuple[Option, ...] = ()
    project_ids: frozenset[str] | None = None

    @property
    def custom(self) -> bool:
        """Whether an administrator made it."""
        return self.custom_type is not None

    @property
    def number(self) -> int:
        """The number in `customfield_10010`; 0 for a system field."""
        return int(self.id.rpartition("_")[2]) if self.custom else 0

    @property
    def schema(self) -> dict[str, Any] | None:
        """The type as Jira describes it; None for `parent`, `issuekey` and `thumbnail`."""
        if self.schema_type is None:
            return None
        schema: dict[str, Any] = {"type": self.schema_type}
        if self.schema_items is not None:
            schema["items"] = self.schema_items
        if self.custom_type is None:
            schema["system"] = self.id
        else:
            schema["custom"] = self.custom_type
            schema["customId"] = self.number
        if self.kind == "team":
            schema["configuration"] = {f"{_CUSTOM_TYPES}atlassian-team": True}
        return schema


#: System fields of Jira Cloud: id, name, kind, schema type (array types with their items), flags,
#: clause names. Flags: o orderable, n navigable, s searchable, w settable on screens.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/ and
#: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
_SYSTEM = """
statuscategorychangedate | Status Category Changed | datetime | datetime | ns | statusCategoryChangedDate
issuetype | Issue Type | issuetype | issuetype | onsw | issuetype, type, worktype
timespent | Time Spent | computed | number | n | timespent
project | Project | project | project | nsw | project, spaceJira
fixVersions | Fix versions | versions | array version | onsw | fixVersion
aggregatetimespent | Σ Time Spent | computed | number | n |
statusCategory | Status Category | statuscategory | statusCategory | ns | statusCategory
parent | Parent | parent | | onsw | parent
resolution | Resolution | resolution | resolution | ons | resolution
resolutiondate | Resolved | datetime | datetime | ns | resolutiondate, resolved
workratio | Work Ratio | computed | number | ns | workratio
lastViewed | Last Viewed | computed | datetime | n | lastViewed
watches | Watchers | computed | watches | n | watchers
issuerestriction | Restrict to | computed | issuerestriction | os |
thumbnail | Images | none | | n |
created | Created | datetime | datetime | ns | created, createdDate
priority | Priority | priority | priority | onsw | priority
labels | Labels | labels | array string | onsw | labels
timeestimate | Remaining Estimate | computed | number | n | remainingEstimate, timeestimate
aggregatetimeoriginalestimate | Σ Original Estimate | computed | number | n |
versions | Affects versions | versions | array version | onsw | affectedVersion
issuelinks | Linked Issues | issuelinks | array issuelinks | ons | issueLink, workItemLink
assignee | Assignee | user | user | onsw | assignee
updated | Updated | datetime | datetime | ns | updated, updatedDate
status | Status | status | status | ns | status
components | Components | components | array component | onsw | component
issuekey | Key | key | | n | id, issue, issuekey, key, workItem, workItemKey
timeoriginalestimate | Original estimate | computed | number | n | originalEstimate, timeoriginalestimate
description | Description | document | string | onsw | description
timetracking | Time tracking | computed | timetracking | os |
security | Security Level | computed | securitylevel | ons | level
attachment | Attachment | computed | array attachment | os | attachments
aggregatetimeestimate | Σ Remaining Estimate | computed | number | n |
summary | Summary | text | string | onsw | summary
creator | Creator | user | user | ns | creator
subtasks | Sub-tasks | computed | array issuelinks | n | subtasks
reporter | Reporter | user | user | onsw | reporter
aggregateprogress | Σ Progress | computed | progress | n |
environment | Environment | document | string | onsw | environment
duedate | Due date | date | date | onsw | due, duedate
progress | Progress | computed | progress | n | progress
votes | Votes | computed | votes | n | votes
comment | Comment | comments | comments-page | os | comment
worklog | Log Work | computed | array worklog | os |
"""


def system_fields() -> tuple[Field, ...]:
    """Return the system fields in the order in which Jira lists them."""
    fields = []
    for line in _SYSTEM.strip().splitlines():
        field_id, name, kind, schema, flags, clauses = (cell.strip() for cell in line.split("|"))
        schema_type, _, items = schema.partition(" ")
        fields.append(
            Field(
                field_id,
                name,
                kind,
                tuple(clause for clause in clauses.split(", ") if clause),
                schema_type or None,
                items or None,
                orderable="o" in flags,
                navigable="n" in flags,
                searchable="s" in flags,
                settable="w" in flags,
            )
        )
    return tuple(fields)


#: How an administrator's field of a kind is described: type, items, key of the field type.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/
_CUSTOM: Mapping[str, tuple[str, str | None, str]] = {
    "text": ("string", None, f"{_CUSTOM_TYPES}textfield"),
    "document": ("string", None, f"{_CUSTOM_TYPES}textarea"),
    "number": ("number", None, f"{_CUSTOM_TYPES}float"),
    "option": ("option", None, f"{_CUSTOM_TYPES}select"),
    "options": ("array", "option", f"{_CUSTOM_TYPES}multiselect"),
    "labels": ("array", "string", f"{_CUSTOM_TYPES}labels"),
    "user": ("user", None, f"{_CUSTOM_TYPES}userpicker"),
    "date": ("date", None, f"{_CUSTOM_TYPES}datepicker"),
    "datetime": ("datetime", None, f"{_CUSTOM_TYPES}datetime"),
    "url": ("string", None, f"{_CUSTOM_TYPES}url"),
    "team": ("team", None, f"{_CUSTOM_TYPES}atlassian-team"),
    "sprints": ("array", "json", "com.pyxis.greenhopper.jira:gh-sprint"),
    "rank": ("any", None, "com.pyxis.greenhopper.jira:gh-lexo-rank"),
}


#: Kinds of fields that an administrator can make.
FIELD_KINDS = tuple(_CUSTOM)


def custom_field(
    number: int,
    name: str,
    kind: str,
    *,
    options: tuple[Option, ...] = (),
    project_ids: frozenset[str] | None = None,
) -> Field:
    """Return the field that an administrator makes as `name`."""
    schema_type, items, custom_type = _CUSTOM[kind]
    return Field(
        f"customfield_{number}",
        name,
        kind,
        (f"cf[{number}]", name),
        schema_type,
        items,
        custom_type,
        orderable=True,
        settable=kind != "rank",
        options=options,
        project_ids=project_ids,
    )


def field_json(field: Field) -> dict[str, Any]:
    """Return the field as `GET /field` lists it."""
    described: dict[str, Any] = {"id": field.id, "key": field.id, "name": field.name}
    if field.custom:
        described["untranslatedName"] = field.name
    described |= {
        "custom": field.custom,
        "orderable": field.orderable,
        "navigable": field.navigable,
        "searchable": field.searchable,
        "clauseNames": list(field.clause_names),
    }
    if field.schema is not None:
        described["schema"] = field.schema
    return described
