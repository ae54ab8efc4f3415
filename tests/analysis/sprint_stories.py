"""Makes issues that go through sprints, for tests."""

from __future__ import annotations

from typing import Any

from tests.analysis.stories import CATEGORIES, STATUSES, move
from vantage_jira_plugin.analysis.history import issue_history
from vantage_jira_plugin.analysis.sprints import SprintFields, Work, work_of
from vantage_jira_plugin.fields.info import FieldInfo

__all__ = ["FIELDS", "POINTS", "SPRINT", "change", "field", "sprint", "work"]


def field(number: int, name: str, schema_type: str, custom_type: str | None = None) -> FieldInfo:
    """Return a custom field."""
    key = f"customfield_{number}"
    return FieldInfo(key, key, name, custom=True, navigable=True, schema_type=schema_type, custom_type=custom_type)


SPRINT = field(10020, "Sprint", "array", "com.pyxis.greenhopper.jira:gh-sprint")
POINTS = field(10036, "Story Points", "number")
FIELDS = SprintFields.among([SPRINT, POINTS])


def sprint(number: int, state: str, start: str | None = None, end: str | None = None, completed: str | None = None):
    """Return a sprint as an issue's field holds it; moments such as `2026-01-05 09:00`, in UTC."""
    dates = {"startDate": start, "endDate": end, "completeDate": completed}
    return {
        "id": number,
        "name": f"Sprint {number}",
        "state": state,
        "boardId": 2,
        "goal": "Ship it",
        **{name: f"{moment.replace(' ', 'T')}:00.000Z" for name, moment in dates.items() if moment},
    }


def change(number: int, moment: str, what: str, before: str, after: str) -> dict[str, Any]:
    """Return the change history of `status`, `sprint` (ids such as `1, 2`) or `points`."""
    if what == "status":
        return move(number, moment, before, after)
    ids, texts = (before, after), (before, after)
    if what == "points":
        ids = (None, None)
    item = {"field": "Sprint" if what == "sprint" else "Story Points"}
    item |= {"fieldId": SPRINT.id if what == "sprint" else POINTS.id, "from": ids[0], "to": ids[1]}
    item |= {"fromString": texts[0], "toString": texts[1]}
    return {"id": str(number), "created": f"{moment.replace(' ', 'T')}:00.000+0000", "items": [item]}


def work(
    key: str,
    created: str,
    *changes: tuple[str, str, str, str],
    status: str = "To Do",
    sprints: tuple[dict[str, Any], ...] = (),
    points: float | None = None,
) -> Work:
    """Return an issue with what it holds now and how that came, each `(moment, what, before, after)`."""
    fields = {
        "created": f"{created.replace(' ', 'T')}:00.000+0000",
        "status": {"id": STATUSES[status][0], "name": status, "statusCategory": {"key": STATUSES[status][1]}},
        SPRINT.id: list(sprints) or None,
        POINTS.id: points,
    }
    histories = [change(number, *one) for number, one in enumerate(changes, start=1)]
    issue = {"id": key.rpartition("-")[2], "key": key, "fields": fields}
    return work_of(issue_history(issue, histories, CATEGORIES), FIELDS)
