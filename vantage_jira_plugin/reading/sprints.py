"""Sprints as an issue's sprint field holds them: to one cell, or to a row of their own. No HTTP, no paging."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .values import text, utc_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.fields.names import FieldCatalogue

__all__ = [
    "SPRINT_COLUMNS",
    "active_sprint",
    "sprint",
    "sprint_facts",
    "sprint_field_ids",
    "sprint_id",
    "sprint_row",
    "sprints_of",
]

#: The columns of a sprint, in order.
SPRINT_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "name", "type": "string", "title": "Name"},
    {"name": "state", "type": "string", "title": "State"},
    {"name": "boardId", "type": "string", "title": "Board id"},
    {"name": "goal", "type": "string", "title": "Goal"},
    {"name": "startDate", "type": "datetime", "title": "Start"},
    {"name": "endDate", "type": "datetime", "title": "End"},
    {"name": "completeDate", "type": "datetime", "title": "Completed"},
    {"name": "issueCount", "type": "integer", "title": "Issues found in it"},
)
#: The custom type of a sprint field. Source: recorded fields of Jira Cloud.
_SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
#: A sprint as old sites write it: `...Sprint@38c6[id=1,state=ACTIVE,name=Sprint 1,goal=]`, and a value in it, which may
#: hold commas, so that it ends at the next `,word=` or the bracket.
_SPRINT_TEXT = re.compile(r"[^\[]*Sprint@[^\[]*\[.*\]", re.DOTALL)
_SPRINT_VALUE = re.compile(r"[\[,]([A-Za-z]+)=(.*?)(?=,[A-Za-z]+=|\]$)", re.DOTALL)
#: What old sites write for nothing.
_NO_VALUE = "<null>"


def sprint_facts(value: object) -> Mapping[str, object]:
    """Return what is known of a sprint, given as an object or in the text form of old sites; empty of anything else.

    Shape: `{"id", "name", "state": "active" | "closed" | "future", "boardId", "goal", "startDate"?, "endDate"?,
    "completeDate"?}`; the text form says `rapidViewId` for `boardId`, and the state in capitals.
    """
    if isinstance(value, dict):
        return value
    if not isinstance(value, str) or not _SPRINT_TEXT.fullmatch(value):
        return {}
    facts: dict[str, object] = {name: found for name, found in _SPRINT_VALUE.findall(value) if found != _NO_VALUE}
    facts["state"] = str(facts.get("state") or "").lower()
    return {"boardId": facts.get("rapidViewId"), **facts}


def sprint(value: object) -> str | None:
    """Return the name of a sprint."""
    facts = sprint_facts(value)
    return text(facts.get("name")) if facts and not isinstance(value, dict) else text(value)


def sprint_id(value: object) -> str | None:
    """Return the id of a sprint."""
    return text(sprint_facts(value).get("id"))


def active_sprint(value: object) -> str | None:
    """Return the name of the sprint that an issue is in now, the last of them where there are several."""
    sprints = value if isinstance(value, list) else [value]
    active = (sprint(one) for one in reversed(sprints) if sprint_facts(one).get("state") == "active")
    return next(active, None)


def sprint_field_ids(catalogue: FieldCatalogue) -> tuple[str, ...]:
    """Return the ids of a site's sprint fields: one, or none without Jira Software."""
    return tuple(field.id for field in catalogue.all() if field.custom_type == _SPRINT_TYPE)


def sprints_of(issue: Mapping[str, Any], field_ids: tuple[str, ...]) -> dict[str, Mapping[str, object]]:
    """Return the sprints that an issue is or was in, by id."""
    fields = issue.get("fields")
    values = [fields.get(field_id) for field_id in field_ids] if isinstance(fields, dict) else []
    members = (member for value in values for member in (value if isinstance(value, list) else [value]))
    facts = (sprint_facts(member) for member in members)
    return {str(known["id"]): known for known in facts if known.get("id") is not None}


def sprint_row(facts: Mapping[str, object], issue_count: int) -> dict[str, Any]:
    """Return one sprint as a row, with how many of the issues are or were in it.

    Shape: see `sprint_facts`.

    Source: https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/
    """
    return {
        "id": text(facts.get("id")),
        "name": text(facts.get("name")),
        "state": text(facts.get("state")),
        "boardId": text(facts.get("boardId")),
        "goal": text(facts.get("goal")),
        "startDate": utc_datetime(facts.get("startDate")),
        "endDate": utc_datetime(facts.get("endDate")),
        "completeDate": utc_datetime(facts.get("completeDate")),
        "issueCount": issue_count,
    }
