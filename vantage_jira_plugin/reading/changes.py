"""A change history as Jira answers it to flat rows, one for each changed field. No HTTP, no paging."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .rows import browse_url
from .shapes import account_id
from .span import Span
from .values import text, utc_datetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.fields.names import FieldCatalogue

__all__ = ["CHANGE_COLUMNS", "ChangeFilter", "change_rows"]

#: The columns of a change, in order. A history of several fields has several rows of its id.
CHANGE_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id of the history"},
    {"name": "issueId", "type": "string", "title": "Issue id"},
    {"name": "issueKey", "type": "string", "title": "Issue key"},
    {"name": "url", "type": "string", "title": "URL of the issue"},
    {"name": "at", "type": "datetime", "title": "Changed"},
    {"name": "author", "type": "string", "title": "Author"},
    {"name": "authorAccountId", "type": "string", "title": "Author account id"},
    {"name": "field", "type": "string", "title": "Field"},
    {"name": "fieldId", "type": "string", "title": "Field id"},
    {"name": "from", "type": "string", "title": "From"},
    {"name": "fromId", "type": "string", "title": "From (id)"},
    {"name": "to", "type": "string", "title": "To"},
    {"name": "toId", "type": "string", "title": "To (id)"},
)
#: What changelogs call things that are no fields, or fields under no id of theirs; such changes have no `fieldId`, or
#: one that no list of fields has (`Attachment`). Source: recorded changelogs, and
#: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
_NO_FIELDS = ("Attachment", "Comment", "IssueParentAssociation", "Key", "Link", "RemoteIssueLink", "WorklogId")
#: How ids of custom fields begin.
_CUSTOM = "customfield_"
#: Fields whose changes have no `fieldId`, and what they are called there. Source: recorded changelogs.
_CALLED: Mapping[str, str] = MappingProxyType({"parent": "issueparentassociation"})


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are wanted: of which fields, and when; `ids` and `called` are both empty where all fields are.

    Attributes:
        ids: of fields.
        names: what a changelog calls them, casefolded, for changes that have no `fieldId`.
        called: those of them that are no ids of fields, whatever `fieldId` such a change has.
        asked: ids to ask Jira for alone; empty where that would leave out changes without one.
        span: when.
    """

    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    asked: tuple[str, ...] = ()
    span: Span = field(default_factory=Span)

    @classmethod
    def of(cls, fields: tuple[str, ...], catalogue: FieldCatalogue | None, span: Span) -> ChangeFilter:
        """Return the filter for fields by id or name, or by what changelogs call them (`Link`).

        Raises:
            InputError: there is no such field, or several; `errors` names the input `fields`.
        """
        if not fields or catalogue is None:
            return cls(span=span)
        no_fields = {name.casefold() for name in _NO_FIELDS}
        special = {name.casefold() for name in fields} & no_fields
        found = [catalogue.resolve(name) for name in fields if name.casefold() not in no_fields]
        names = {name.casefold() for known in found for name in (known.id, known.name, known.untranslated_name) if name}
        ids = dict.fromkeys(known.id for known in found)
        called = special | {_CALLED[field_id] for field_id in ids if field_id in _CALLED}
        return cls(
            ids=frozenset(ids),
            names=frozenset(names),
            called=frozenset(called),
            asked=() if called else tuple(ids),
            span=span,
        )

    def takes(self, item: Mapping[str, Any]) -> bool:
        """Tell whether the change of one field is wanted."""
        if not self.ids and not self.called:
            return True
        field_id, name = item.get("fieldId"), str(item.get("field")).casefold()
        if not field_id:
            return name in self.names or name in self.called
        # A custom field may have any name, such as `Key`.
        return field_id in self.ids or (name in self.called and not str(field_id).startswith(_CUSTOM))


def change_rows(
    history: Mapping[str, Any], issue_id: str, issue_key: str, site_url: str | None, wanted: ChangeFilter
) -> Iterator[dict[str, Any]]:
    """Yield the wanted changes of one history as rows.

    Shape: `{"id", "author"?: user, "created": ISO 8601 or epoch, "items": [{"field", "fieldId"?, "from", "fromString",
    "to", "toString"}]}`. `from` and `to` are what people read, the ids what Jira keeps.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (changelog/bulkfetch)
    """
    at = utc_datetime(history.get("created"))
    items = history.get("items")
    if not isinstance(items, list) or not wanted.span.holds(at):
        return
    author = history.get("author")
    for item in items:
        if isinstance(item, dict) and wanted.takes(item):
            yield {
                "id": text(history.get("id")),
                "issueId": issue_id,
                "issueKey": issue_key,
                "url": browse_url(site_url, issue_key),
                "at": at,
                "author": text(author),
                "authorAccountId": account_id(author),
                "field": text(item.get("field")),
                "fieldId": text(item.get("fieldId")),
                "from": text(item.get("fromString")) or text(item.get("from")),
                "fromId": text(item.get("from")),
                "to": text(item.get("toString")) or text(item.get("to")),
                "toId": text(item.get("to")),
            }
