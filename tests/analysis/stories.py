"""Makes issues with histories for tests, in as few words as a story has."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from vantage_jira_plugin.analysis.history import IssueHistory, issue_history

#: Statuses of the stories: id and category by name.
STATUSES = {
    "To Do": ("1", "new"),
    "In Progress": ("3", "indeterminate"),
    "Review": ("4", "indeterminate"),
    "Done": ("5", "done"),
    "Closed": ("6", "done"),
}
CATEGORIES = dict(STATUSES.values())


def at(text: str) -> float:
    """Return `2026-01-05 09:00`, in UTC, as epoch seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def move(number: int, moment: str, before: str, after: str) -> dict[str, Any]:
    """Return the change history of a move from one status to another."""
    return {
        "id": str(number),
        "created": f"{moment.replace(' ', 'T')}:00.000+0000",
        "items": [
            {
                "field": "status",
                "fieldId": "status",
                "from": STATUSES[before][0],
                "fromString": before,
                "to": STATUSES[after][0],
                "toString": after,
            }
        ],
    }


def story(key: str, *steps: str, **fields: Any) -> IssueHistory:
    """Return the history of an issue from steps such as `2026-01-05 09:00 To Do`; the first is its creation."""
    parsed = [(step[:16], step[17:]) for step in steps]
    moves = [
        move(number, moment, before, after)
        for number, ((_, before), (moment, after)) in enumerate(pairwise(parsed), start=1)
    ]
    status = parsed[-1][1]
    issue = {
        "id": key.rpartition("-")[2],
        "key": key,
        "fields": {
            "created": f"{parsed[0][0].replace(' ', 'T')}:00.000+0000",
            "status": {"id": STATUSES[status][0], "name": status, "statusCategory": {"key": STATUSES[status][1]}},
            "issuetype": {"name": "Task"},
            "project": {"key": key.rpartition("-")[0]},
            **fields,
        },
    }
    return issue_history(issue, moves, CATEGORIES)
