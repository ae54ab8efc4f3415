"""What can be asked of each kind of field: operators, values, what an issue holds. No query is run here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.catalogue import CATEGORIES
from vantage_jira_plugin.simulator.fields import Field
from vantage_jira_plugin.simulator.wording import document_text

from .errors import JqlError, value_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

    from .predicates import Hold

__all__ = ["MASTER_TEXT", "Searcher", "operators_of", "read_value", "stored", "texts_of"]

#: The clause `text`, which looks into every text field; no issue has such a field.
MASTER_TEXT = Field("text", "text", "anytext", ("text",))

_EQUALITY = frozenset({"=", "!=", "in", "not in", "is", "is not"})
_ORDERED = _EQUALITY | {"<", "<=", ">", ">="}
_LIKE = frozenset({"~", "!~", "is", "is not"})
_HISTORY = frozenset({"was", "was not", "was in", "was not in", "changed"})

#: Operators by kind of field.
#: Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
_OPERATORS: Mapping[str, frozenset[str]] = {
    "key": _ORDERED,
    "text": _LIKE,
    "document": _LIKE,
    "comments": frozenset({"~", "!~"}),
    "anytext": frozenset({"~"}),
    "url": _EQUALITY | _LIKE,
    "number": _ORDERED,
    "date": _ORDERED,
    "datetime": _ORDERED,
    "versions": _ORDERED | {"~", "!~"},
    "priority": _ORDERED | _HISTORY,
    "status": _EQUALITY | _HISTORY,
    "resolution": _ORDERED | _HISTORY,
    "user": _EQUALITY,
    **dict.fromkeys(
        (
            "project",
            "issuetype",
            "statuscategory",
            "labels",
            "components",
            "option",
            "options",
            "sprints",
            "team",
            "parent",
        ),
        _EQUALITY,
    ),
}


@dataclass(frozen=True, slots=True)
class Searcher:
    """A field under the name by which a query knows it."""

    field: Field
    name: str

    @property
    def kind(self) -> str:
        """The kind of the field."""
        return self.field.kind


def operators_of(field: Field) -> frozenset[str]:
    """Return the operators of a field; none where it cannot be searched."""
    operators = _OPERATORS.get(field.kind, frozenset())
    if field.id in {"assignee", "reporter", "fixVersions"}:
        return operators | _HISTORY
    return operators


def stored(site: Site, field: Field) -> Hold:
    """Return a function that tells what an issue holds: one thing, a tuple of things, or None."""
    field_id = field.id
    match field.kind:
        case "key":
            return lambda issue, _values: issue.id
        case "project":
            return lambda issue, _values: issue.project_id
        case "statuscategory":
            statuses = site.statuses
            return lambda _issue, values: statuses[values["status"]].category
        case _:
            return lambda _issue, values: values.get(field_id)


def texts_of(site: Site, field: Field) -> Callable[[Issue, Mapping[str, Any]], Iterable[str]]:
    """Return a function that tells the texts of an issue that a `~` on the field looks into."""
    field_id = field.id
    match field.kind:
        case "document":
            return lambda _issue, values: () if values.get(field_id) is None else (document_text(values[field_id]),)
        case "comments":
            return lambda issue, _values: (document_text(comment.body) for comment in issue.comments)
        case "versions":
            return lambda issue, values: (
                version.name
                for version in site.projects[issue.project_id].versions
                if version.id in (values.get(field_id) or ())
            )
        case "anytext":
            readers = [
                texts_of(site, one) for one in site.fields.values() if one.kind in {"text", "document", "comments"}
            ]
            return lambda issue, values: (text for reader in readers for text in reader(issue, values))
        case _:
            return lambda _issue, values: () if values.get(field_id) is None else (values[field_id],)


# ---- values of queries ----------------------------------------------------------------------


def read_value(site: Site, account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    """Return the stored values that a word of a query means; several where names repeat.

    Raises:
        JqlError: with Jira's text.
    """
    reader = _READERS.get(searcher.kind)
    return (text,) if reader is None else reader(site, account_id, searcher, text)


def _named(things: Iterable[Any], searcher: Searcher, text: str, *, name: Callable[[Any], str]) -> tuple[Any, ...]:
    wanted = text.lower()
    listed = list(things)
    found = tuple(thing.id for thing in listed if name(thing).lower() == wanted)
    found = found or tuple(thing.id for thing in listed if str(thing.id) == text)
    if not found:
        raise value_unknown(text, searcher.name)
    return found


def _plain_name(thing: Any) -> str:
    found: str = thing.name
    return found


def _project(site: Site, account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    seen = site.visible_projects(account_id)
    by_key = tuple(project.id for project in seen if project.key.lower() == text.lower())
    return by_key or _named(seen, searcher, text, name=_plain_name)


def _catalogue(site: Site, _account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    catalogues: Mapping[str, Mapping[str, Any]] = {
        "status": site.statuses,
        "priority": site.priorities,
        "issuetype": site.issue_types,
        "team": site.teams,
    }
    return _named(catalogues[searcher.kind].values(), searcher, text, name=_plain_name)


def _resolution(site: Site, _account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    if text.lower() == "unresolved":
        return (None,)
    return _named(site.resolutions.values(), searcher, text, name=_plain_name)


def _category(_site: Site, _account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    wanted = text.lower()
    for category in CATEGORIES.values():
        if wanted in {category.name.lower(), category.key, str(category.id)}:
            return (category.key,)
    raise value_unknown(text, searcher.name)


def _user(site: Site, _account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    wanted = text.lower()
    found = tuple(
        account.account_id
        for account in site.accounts.values()
        if text == account.account_id
        or wanted in {account.display_name.lower(), (account.email_address or account.account_id).lower()}
    )
    if not found:
        raise JqlError(f"The value '{text}' does not exist for the field '{searcher.name}'.", about_values=True)
    return found


def _key(site: Site, account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    project_key, _, number = text.rpartition("-")
    if not text.isdigit() and not (project_key and number.isascii() and number.isdigit()):
        raise JqlError(f"The issue key '{text}' for field '{searcher.name}' is invalid.", about_values=True)
    issue = site.find_issue(text)
    seen = issue is not None and site.allowed(account_id, "BROWSE_PROJECTS", site.projects[issue.project_id])
    if issue is None or not seen:
        word = "ID" if text.isdigit() else "key"
        raise JqlError(f"An issue with {word} '{text}' does not exist for field '{searcher.name}'.", about_values=True)
    return (issue.id,)


def _part(site: Site, account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    parts = [
        part
        for project in site.visible_projects(account_id)
        for part in (project.components if searcher.kind == "components" else project.versions)
    ]
    return _named(parts, searcher, text, name=_plain_name)


def _option(_site: Site, _account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    wanted = text.lower()
    for option in searcher.field.options:
        if option.value.lower() == wanted or option.id == text:
            return (option.id,)
    raise JqlError(f"The option '{text}' for field '{searcher.name}' does not exist.", about_values=True)


def _sprint(site: Site, _account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    try:
        return _named(site.sprints.values(), searcher, text, name=_plain_name)
    except JqlError:
        word = "id" if text.isdigit() else "name"
        raise JqlError(
            f"Sprint with {word} '{text}' does not exist or you do not have permission to view it.",
            about_values=True,
        ) from None


def _number(_site: Site, _account_id: str, searcher: Searcher, text: str) -> tuple[Any, ...]:
    try:
        return (float(text),)
    except ValueError:
        raise JqlError(
            f"Value '{text}' is invalid for the '{searcher.name}' field. Please enter a valid number.",
            about_values=True,
        ) from None


_READERS: Mapping[str, Callable[[Site, str, Searcher, str], tuple[Any, ...]]] = {
    "project": _project,
    "status": _catalogue,
    "priority": _catalogue,
    "issuetype": _catalogue,
    "team": _catalogue,
    "resolution": _resolution,
    "statuscategory": _category,
    "user": _user,
    "key": _key,
    "parent": _key,
    "components": _part,
    "versions": _part,
    "option": _option,
    "options": _option,
    "sprints": _sprint,
    "number": _number,
}
