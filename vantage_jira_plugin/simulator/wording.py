"""What the changelog, plain text and HTML say about a value. No state and no JSON shapes live here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from .issues import ChangeItem
from .timestamps import jira_datetime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .fields import Field
    from .site import Site

__all__ = ["change_item", "change_words", "document_html", "document_text", "number_text"]

#: Nodes of a document that end a line of its plain text.
_LINES = frozenset({"paragraph", "heading", "codeBlock", "listItem", "tableRow", "rule", "blockquote"})


def _pieces(node: Mapping[str, Any]) -> Iterator[str]:
    kind, attrs = node.get("type"), node.get("attrs") or {}
    if kind == "text":
        yield node["text"]
    elif kind == "hardBreak":
        yield "\n"
    elif kind in {"mention", "status", "placeholder"}:
        yield attrs.get("text", "")
    elif kind == "emoji":
        yield attrs.get("text") or attrs.get("shortName", "")
    elif kind in {"inlineCard", "blockCard", "embedCard"}:
        yield attrs.get("url", "")
    for child in node.get("content") or ():
        yield from _pieces(child)
    if kind in _LINES:
        yield "\n"


def document_text(document: Mapping[str, Any] | None) -> str:
    """Return the plain text of an Atlassian document, for search and for the changelog."""
    return "" if document is None else "".join(_pieces(document)).strip()


def document_html(document: Mapping[str, Any] | None) -> str:
    """Return an Atlassian document as HTML: a paragraph for each line of its text, without its marks."""
    lines = document_text(document).splitlines()
    return "\n\n".join(f"<p>{escape(line)}</p>" for line in lines if line)


def number_text(value: float) -> str:
    """Return a number as people write it: `3`, `2.5`."""
    return str(int(value)) if value == int(value) else str(value)


def change_item(site: Site, field: Field, old: Any, new: Any) -> ChangeItem:
    """Return what the changelog says of a change of a field."""
    from_id, from_text = change_words(site, field, old)
    to_id, to_text = change_words(site, field, new)
    name, field_id = field.name if field.custom else field.id, field.id
    if field.kind == "parent":
        # Source: recorded changelogs of Cloud sites: no fieldId, ids of the parents.
        return ChangeItem("IssueParentAssociation", None, False, from_id, from_text, to_id, to_text)
    if field.kind == "versions" and field.id == "fixVersions":
        name = "Fix Version"
    return ChangeItem(name, field_id, field.custom, from_id, from_text, to_id, to_text)


def change_words(site: Site, field: Field, value: Any) -> tuple[str | None, str | None]:
    """Return what a changelog item holds for a value: its id where it has one, and its text."""
    if value is None or value == ():
        return None, "" if field.kind in {"labels", "options", "sprints"} else None
    return _WORDS.get(field.kind, _plain)(site, field, value)


def _plain(_site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return None, str(value)


def _named(site: Site, field: Field, value: Any) -> tuple[str | None, str | None]:
    catalogues: Mapping[str, Mapping[str, Any]] = {
        "status": site.statuses,
        "priority": site.priorities,
        "resolution": site.resolutions,
        "issuetype": site.issue_types,
        "team": site.teams,
    }
    return value, catalogues[field.kind][value].name


def _user(site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return value, site.accounts[value].display_name


def _parent(site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return str(value), site.issues[value].key


def _labels(_site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return None, " ".join(value)


def _parts(site: Site, field: Field, value: Any) -> tuple[str | None, str | None]:
    names = {
        part.id: part.name
        for project in site.projects.values()
        for part in (project.components if field.kind == "components" else project.versions)
    }
    return ", ".join(value), ", ".join(names[part_id] for part_id in value)


def _option(site: Site, field: Field, value: Any) -> tuple[str | None, str | None]:
    found = site.option(value, field)
    return value, found.value if found else None


def _options(site: Site, field: Field, value: Any) -> tuple[str | None, str | None]:
    found = [site.option(option_id, field) for option_id in value]
    return "[" + ", ".join(value) + "]", ",".join(option.value for option in found if option)


def _sprints(site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return ", ".join(map(str, value)), ", ".join(site.sprints[sprint_id].name for sprint_id in value)


def _document(_site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return None, document_text(value)


def _number(_site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return None, number_text(value)


def _date(_site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    return value, f"{value} 00:00:00.0"


def _datetime(site: Site, _field: Field, value: Any) -> tuple[str | None, str | None]:
    text = jira_datetime(value, site.time_zone)
    return text, text


_WORDS = {
    "status": _named,
    "priority": _named,
    "resolution": _named,
    "issuetype": _named,
    "team": _named,
    "user": _user,
    "parent": _parent,
    "labels": _labels,
    "components": _parts,
    "versions": _parts,
    "option": _option,
    "options": _options,
    "sprints": _sprints,
    "document": _document,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
}
