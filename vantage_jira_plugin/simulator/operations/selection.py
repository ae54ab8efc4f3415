"""Which fields, expansions and properties of issues an answer holds, and the issue with just these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.issue_rendering import ISSUE_EXPAND, change_json, field_value
from vantage_jira_plugin.simulator.wording import document_html

from .screens import edit_screen, transitions_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vantage_jira_plugin.simulator.fields import Field
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["MOST_PROPERTIES", "RICH_PAGE", "Selection", "fields_of", "issue_json", "names_and_schema", "select"]

#: Properties that lists of issues can show.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
MOST_PROPERTIES = 5
#: Issues of one answer where fields are named, and where wildcards, lists or expansions make it rich.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (bulk fetch); of
#: searches it is only known that pages may be shorter, and the same numbers are taken.
_LEAN_PAGE, RICH_PAGE = 1_000, 100
#: Fields of a lean request at most (same page).
_LEAN_FIELDS = 100
#: Fields that hold many values, and expansions, that make a request rich (same page).
_RICH_FIELDS = frozenset({"comment", "worklog", "attachment"})
_RICH_EXPAND = frozenset(
    {"changelog", "editmeta", "operations", "renderedFields", "transitions", "versionedRepresentations"}
)
#: Changes that `expand=changelog` shows at most, newest first. Jira caps them and does not say where.
_EXPANDED_CHANGES = 100
#: Fields that are addresses or pictures rather than values: never among an issue's fields.
_HIDDEN_KINDS = frozenset({"key", "none"})


@dataclass(frozen=True)
class Selection:
    """What to show of issues.

    Attributes:
        fields: the fields, in the site's order.
        named: something beside ids and keys was asked for, so that there are `fields`, if only empty.
        ids_only: nothing but the id was asked for.
        explicit: fields were named, without a wildcard.
    """

    fields: tuple[Field, ...]
    named: bool = True
    ids_only: bool = False
    explicit: bool = False
    expand: frozenset[str] = frozenset()
    properties: tuple[str, ...] = ()

    def page_size(self, bare: int) -> int:
        """Return how many issues an answer holds at most: `bare` where only ids or keys are wanted."""
        if not self.named and not self.expand and not self.properties:
            return max(bare, _LEAN_PAGE)
        lean = (
            self.explicit
            and len(self.fields) <= _LEAN_FIELDS
            and not any(field.id in _RICH_FIELDS for field in self.fields)
            and not self.expand & _RICH_EXPAND
        )
        return _LEAN_PAGE if lean else RICH_PAGE


def select(
    site: Site,
    wanted: Sequence[str],
    *,
    default: str,
    excluding_from: str,
    expand: Iterable[str] = (),
    properties: Sequence[str] = (),
) -> Selection:
    """Return what `fields`, `expand` and `properties` ask for, once for each; unknown fields are passed over.

    Args:
        site: whose fields these are.
        wanted: field ids, `*all`, `*navigable`, and `-id` to leave one out.
        default: what no `fields` at all means.
        excluding_from: what a list of nothing but exclusions leaves them out of.
        expand: expansions.
        properties: issue properties.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
    """
    site.texts.begin(site.setup())
    asked = (tuple(wanted), default, excluding_from, (tuple(expand), tuple(properties)))
    known: Selection | None = site.texts.selections.get(asked)
    if known is None:
        known = site.texts.selections[asked] = _selected(site, *asked)
    return known


def _selected(
    site: Site,
    wanted: tuple[str, ...],
    default: str,
    excluding_from: str,
    more: tuple[tuple[str, ...], tuple[str, ...]],
) -> Selection:
    expand, properties = more
    names = [name for name in wanted if name] or [default]
    excluded = {name[1:] for name in names if name.startswith("-")}
    included = [name for name in names if not name.startswith("-")] or [excluding_from]
    everything, navigable = "*all" in included, "*navigable" in included
    shown = tuple(
        known
        for known in site.fields.values()
        if known.kind not in _HIDDEN_KINDS
        and (everything or (navigable and known.navigable) or known.id in included)
        and known.id not in excluded
    )
    return Selection(
        shown,
        named=not set(included) <= {"id", "key"},
        ids_only=set(included) == {"id"} and not expand and not properties,
        explicit=not everything and not navigable,
        expand=frozenset(expand),
        properties=properties,
    )


def issue_json(site: Site, issue: Issue, values: Mapping[str, Any], selection: Selection) -> dict[str, Any]:
    """Return an issue with what was selected."""
    if selection.ids_only:
        return {"id": str(issue.id)}
    shown: dict[str, Any] = {
        "expand": ISSUE_EXPAND if selection.named else "",
        "id": str(issue.id),
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.id}",
        "key": issue.key,
    }
    if selection.named:
        shown["fields"] = {
            known.id: field_value(site, issue, values, known)
            for known in fields_of(issue, selection)
            # Source: recorded answers: `parent` is not there at all where there is none.
            if known.kind != "parent" or values.get("parent") is not None
        }
    if selection.properties:
        shown["properties"] = _properties(issue, selection.properties)
    if selection.expand:
        shown |= _expanded(site, issue, values, selection)
    return shown


def names_and_schema(fields: Iterable[Field], expand: frozenset[str]) -> dict[str, Any]:
    """Return `names` and `schema` where they were asked for."""
    listed = list(fields)
    shown: dict[str, Any] = {}
    if "names" in expand:
        shown["names"] = {known.id: known.name for known in listed}
    if "schema" in expand:
        shown["schema"] = {known.id: known.schema for known in listed if known.schema is not None}
    return shown


def fields_of(issue: Issue, selection: Selection) -> list[Field]:
    """Return the selected fields that the issue's project has."""
    return [known for known in selection.fields if known.project_ids is None or issue.project_id in known.project_ids]


def _properties(issue: Issue, wanted: Sequence[str]) -> dict[str, Any]:
    excluded = {name[1:] for name in wanted if name.startswith("-")}
    everything = "*all" in wanted
    return {
        key: value for key, value in issue.properties.items() if (everything or key in wanted) and key not in excluded
    }


def _expanded(site: Site, issue: Issue, values: Mapping[str, Any], selection: Selection) -> dict[str, Any]:
    expand, fields = selection.expand, fields_of(issue, selection)
    shown: dict[str, Any] = {}
    if "changelog" in expand:
        histories = [change_json(site, change) for change in reversed(issue.changes)]
        shown["changelog"] = {
            "startAt": 0,
            "maxResults": min(len(histories), _EXPANDED_CHANGES),
            "total": len(histories),
            "histories": histories[:_EXPANDED_CHANGES],
        }
    if "renderedFields" in expand:
        shown["renderedFields"] = {
            known.id: document_html(values.get(known.id)) if known.kind == "document" else None for known in fields
        }
    if "transitions" in expand:
        shown["transitions"] = transitions_json(site, issue, with_fields=False)
    if "editmeta" in expand:
        shown["editmeta"] = {"fields": edit_screen(site, issue)}
    if "operations" in expand:
        shown["operations"] = {"linkGroups": []}
    return shown
