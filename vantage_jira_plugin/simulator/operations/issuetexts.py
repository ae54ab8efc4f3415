"""Issues of lists as JSON text, written piece by piece and once. What is selected of them is known in `selection`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from vantage_jira_plugin.simulator.issue_rendering import ISSUE_EXPAND, field_value, is_constant
from vantage_jira_plugin.simulator.messages import JsonText
from vantage_jira_plugin.simulator.timestamps import jira_datetime

from .selection import fields_of, issue_json

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from vantage_jira_plugin.simulator.fields import Field
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

    from .selection import Selection

__all__ = ["issue_list", "json_text"]

#: Kinds of fields whose values many issues share, so that each is written once.
_SHARED_KINDS = frozenset(
    {
        "issuetype",
        "status",
        "priority",
        "resolution",
        "user",
        "project",
        "statuscategory",
        "components",
        "versions",
        "option",
        "options",
        "sprints",
        "team",
        "labels",
    }
)
#: Texts of objects that a field keeps at most. Chosen here: more than made-up issues share.
_MOST_OBJECTS = 10_000
#: Expansions that tell nothing of an issue itself.
_BESIDE_ISSUES = frozenset({"names", "schema"})
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


#: What the text of a field hangs on: the value of one field, which many issues share; the issue's own value, or its
#: worklogs, files, children or links, if it has any; the issue itself.
_SHARED, _STORED = "shared", "stored"
_WORKED, _ATTACHED, _HOLDING, _LINKED, _OWN = "worked", "attached", "holding", "linked", "own"


class _Step(NamedTuple):
    """A field to write.

    Attributes:
        name: the text of its name.
        source: the field that a shared text depends on.
        texts: shared texts, with the name, by the value of that field.
        objects: texts of objects, by where they are.
    """

    field: Field
    mode: str
    name: str
    source: str
    texts: dict[Hashable, str]
    objects: dict[int, tuple[object, str]]


#: Fields, by id or kind, whose values are not stored under their ids.
_MODES: Mapping[str, str] = {
    **dict.fromkeys(
        ("timespent", "aggregatetimespent", "progress", "aggregateprogress", "timetracking", "worklog"), _WORKED
    ),
    "attachment": _ATTACHED,
    "subtasks": _HOLDING,
    "issuelinks": _LINKED,
    **dict.fromkeys(("watches", "votes", "comments", "rank"), _OWN),
}


def json_text(data: Any) -> bytes:
    """Return JSON data as it goes out."""
    return _ENCODER.encode(data).encode("utf-8", "replace")


def issue_list(
    site: Site, listed: Iterable[tuple[Issue, Mapping[str, Any]]], selection: Selection, *, after: bytes
) -> JsonText:
    """Return an answer whose `issues` are these, with these values, each as `issue_json` shows it.

    Args:
        site: where the issues are.
        listed: the issues and their values.
        selection: what is shown of them.
        after: what comes after the last issue, from the bracket on.
    """
    before = b'{"issues":['
    if selection.ids_only:
        return JsonText(before, [b'{"id":"%d"}' % issue.id for issue, _values in listed], after)
    if selection.properties or selection.expand - _BESIDE_ISSUES:
        return JsonText(before, [json_text(issue_json(site, *pair, selection)) for pair in listed], after)
    url = f"{site.gateway_url}/rest/api/3/issue/"
    if not selection.named:
        bare = [
            f'{{"expand":"","id":"{issue.id}","self":"{url}{issue.id}","key":"{issue.key}"}}'.encode()
            for issue, _values in listed
        ]
        return JsonText(before, bare, after)
    texts = site.texts
    written = []
    for issue, values in listed:
        key, shown = (id(selection), issue.id), _shown_in(site, issue, values)
        kept = texts.find(key, shown)
        if kept is None:
            fields = _fields(site, issue, values, selection)
            text = (
                f'{{"expand":"{ISSUE_EXPAND}","id":"{issue.id}","self":"{url}{issue.id}","key":"{issue.key}",'
                f'"fields":{{{fields}}}}}'
            )
            kept = texts.keep(key, shown, text.encode("utf-8", "replace"))
        written.append(kept)
    return JsonText(before, [kept.text for kept in written], after, texts.packing(written))


def _shown_in(site: Site, issue: Issue, values: Mapping[str, Any]) -> tuple[object, ...]:
    """Return the objects that an issue's text hangs on: each is replaced as a whole where it changes."""
    shown: list[object] = [values, issue.key, *issue.comments, *issue.worklogs, *issue.attachments]
    parent = site.issues.get(values.get("parent") or 0)
    if parent is not None:
        shown.append(parent.values)
    if issue.child_ids:
        shown.extend(child.values for child in site.subtasks(issue))
    for link in issue.links:
        shown.append(link)
        shown.append(site.issues[link.target_id if link.source_id == issue.id else link.source_id].values)
    return tuple(shown)


def _plan(site: Site, issue: Issue, selection: Selection) -> list[_Step]:
    found: list[_Step] | None = site.texts.plans.get((id(selection), issue.project_id))
    if found is None:
        found = [_step(field) for field in fields_of(issue, selection)]
        site.texts.plans[id(selection), issue.project_id] = found
    return found


def _step(field: Field) -> _Step:
    name = f"{_ENCODER.encode(field.id)}:"
    if is_constant(field):
        return _Step(field, _SHARED, name, "", {}, {})
    if field.kind in _SHARED_KINDS:
        source = {"statuscategory": "status", "project": ""}.get(field.kind, field.id)
        return _Step(field, _SHARED, name, source, {}, {})
    return _Step(field, _MODES.get(field.id) or _MODES.get(field.kind) or _STORED, name, field.id, {}, {})


def _fields(site: Site, issue: Issue, values: Mapping[str, Any], selection: Selection) -> str:
    """Return the fields of an issue in their order, without the braces around them."""
    there = {
        _WORKED: bool(issue.worklogs),
        _ATTACHED: bool(issue.attachments),
        _HOLDING: bool(issue.child_ids),
        _LINKED: bool(issue.links),
        _OWN: True,
    }
    parts = []
    for step in _plan(site, issue, selection):
        field, mode, name, source, texts, _objects = step
        value: Any = None
        if mode is _SHARED:
            value = values.get(source)
        elif mode is _STORED:
            own = values.get(source)
            if own is not None and own != ():
                parts.append(name + _own_text(site, issue, values, step, own))
                continue
            # Source: recorded answers: `parent` is not there at all where there is none.
            if field.kind == "parent":
                continue
        elif there[mode]:
            parts.append(name + _ENCODER.encode(field_value(site, issue, values, field)))
            continue
        text = texts.get(value)
        if text is None:
            text = texts[value] = name + _ENCODER.encode(field_value(site, issue, values, field))
        parts.append(text)
    return ",".join(parts)


def _own_text(site: Site, issue: Issue, values: Mapping[str, Any], step: _Step, value: Any) -> str:
    """Return the text of a value that is there; documents and parents are often the very same object."""
    field = step.field
    if field.kind == "datetime":
        return f'"{jira_datetime(value, site.time_zone)}"'
    if field.kind not in {"document", "parent"}:
        return _ENCODER.encode(field_value(site, issue, values, field))
    shown = site.issues[value].values if field.kind == "parent" else value
    known = step.objects.get(id(shown))
    if known is not None and known[0] is shown:
        return known[1]
    text = _ENCODER.encode(field_value(site, issue, values, field))
    if len(step.objects) < _MOST_OBJECTS:
        step.objects[id(shown)] = (shown, text)
    return text
