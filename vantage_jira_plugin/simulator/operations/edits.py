"""Bodies of create, edit and transition, read into values of fields. Nothing is stored here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.documents import is_document
from vantage_jira_plugin.simulator.intake import FIELD_UNKNOWN, Intake, ValueRefusal, check_document_length
from vantage_jira_plugin.simulator.messages import JiraRefusal

from .parameters import payload_refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vantage_jira_plugin.simulator.catalogue import Project
    from vantage_jira_plugin.simulator.fields import Field
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["Edit", "check_property", "read_comment", "read_edit", "read_properties"]

#: Source: recorded answer of 2026-10-08.
_COMMENT_INVALID = "Comment body is not valid!"
_COMMENT_EMPTY = "Comment body can not be empty!"
#: Longest key and value of an entity property, in characters; the value counts as JSON.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-properties/
_PROPERTY_KEY_CHARACTERS = 255
_PROPERTY_VALUE_CHARACTERS = 32_768
#: Kinds of fields whose values are sets to which one adds.
_SETS = frozenset({"labels", "components", "versions", "options"})


@dataclass
class Edit:
    """What a body changes: values of fields, comments to add, properties to set, errors by field."""

    values: dict[str, Any] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read_edit(
    site: Site,
    project: Project,
    body: Mapping[str, Any],
    *,
    settable: Iterable[Field],
    current: Mapping[str, Any],
) -> Edit:
    """Read `fields`, `update` and `properties`; wrong values are told in `errors`, all at once.

    Args:
        site: where the issue is.
        project: what the issue belongs to.
        body: the body of the request.
        settable: fields that the screen holds.
        current: the values as they are, for `update`.
    """
    fields, update = _member(body, "fields"), _member(body, "update")
    known = {one.id: one for one in settable}
    intake = Intake(site, project)
    edit = Edit(properties=read_properties(body))
    for name, value in fields.items():
        if name in update:
            edit.errors[name] = f"Field '{name}' cannot appear in both 'fields' and 'update'"
        elif name not in known:
            edit.errors[name] = FIELD_UNKNOWN.format(name)
        else:
            _set(edit, intake, known[name], value)
    for name, operations in update.items():
        if name in fields:
            continue
        if not isinstance(operations, list):
            raise payload_refused()
        for operation in operations:
            if not isinstance(operation, dict) or len(operation) != 1:
                raise payload_refused()
            (verb, value), *_ = operation.items()
            _apply(edit, intake, known.get(name), (name, verb, value), current)
    return edit


def _member(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    member = body.get(name)
    if member is None:
        return {}
    if not isinstance(member, dict):
        raise payload_refused()
    return member


def _set(edit: Edit, intake: Intake, known: Field, value: Any) -> None:
    try:
        edit.values[known.id] = intake.read(known, value)
    except ValueRefusal as refusal:
        edit.errors[known.id] = str(refusal)


def _apply(
    edit: Edit,
    intake: Intake,
    known: Field | None,
    operation: tuple[str, str, Any],
    current: Mapping[str, Any],
) -> None:
    name, verb, value = operation
    if name == "comment" and verb == "add":
        comment = value.get("body") if isinstance(value, dict) else None
        try:
            edit.comments.append(read_comment(comment))
        except ValueRefusal as refusal:
            edit.errors["comment"] = str(refusal)
    elif known is None:
        edit.errors[name] = FIELD_UNKNOWN.format(name)
    elif known.kind == "parent" and value == {"none": True}:
        edit.values[name] = None
    elif verb == "set":
        _set(edit, intake, known, value)
    elif verb in {"add", "remove"} and known.kind in _SETS:
        try:
            item = intake.read_item(known, value)
        except ValueRefusal as refusal:
            edit.errors[name] = str(refusal)
            return
        members = [one for one in edit.values.get(name, current.get(name)) or () if one != item]
        if verb == "add":
            members.append(item)
        edit.values[name] = tuple(sorted(members) if known.kind == "labels" else members)
    else:
        edit.errors[name] = f"Field with id '{name}' and name '{known.name}' does not support operation '{verb}'"


def read_comment(value: Any) -> dict[str, Any]:
    """Return the body of a comment.

    Raises:
        ValueRefusal: with Jira's text.
    """
    if value is None:
        raise ValueRefusal(_COMMENT_EMPTY)
    if not is_document(value):
        raise ValueRefusal(_COMMENT_INVALID)
    if not value["content"]:
        raise ValueRefusal(_COMMENT_EMPTY)
    check_document_length(value)
    return value


def read_properties(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `properties` of a body: `[{key, value}]` as a mapping."""
    listed = body.get("properties")
    if listed is None:
        return {}
    if not isinstance(listed, list):
        raise payload_refused()
    found = {}
    for item in listed:
        if not isinstance(item, dict) or not isinstance(item.get("key"), str) or "value" not in item:
            raise payload_refused()
        check_property(item["key"], item["value"])
        found[item["key"]] = item["value"]
    return found


def check_property(key: str, value: Any) -> None:
    """Refuse a property that is too long."""
    if len(key) > _PROPERTY_KEY_CHARACTERS:
        raise JiraRefusal(400, f"The property key should not be longer than {_PROPERTY_KEY_CHARACTERS} characters.")
    if len(json.dumps(value, separators=(",", ":"), ensure_ascii=False)) > _PROPERTY_VALUE_CHARACTERS:
        raise JiraRefusal(
            400, f"The property value is too long. The maximum is {_PROPERTY_VALUE_CHARACTERS} characters."
        )
