"""Jira's composite values to one cell each: people, sprints, links, times spent. No fields, no columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .values import Scalar, integer, iso_date, text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "account_id",
    "comment_bodies",
    "inside",
    "issue_link",
    "key_of",
    "parent_link",
    "percent",
    "request_type",
    "restriction",
    "sla",
    "sprint",
    "time_tracking",
    "worklogs",
]

#: How many comments or worklogs one row shows, the latest; the count beside them tells of the rest.
_SHOWN_COUNT = 20
#: The name in a sprint as old sites write it: `...Sprint@38c6[id=1,state=ACTIVE,name=Sprint 1,goal=]`.
#: A name may hold commas, so that it ends at the next `,word=` or the bracket.
_SPRINT_NAME = re.compile(r"[\[,]name=(.*?)(?:,[A-Za-z]+=|\]$)", re.DOTALL)
_FULL_PERCENT = 100


def inside(*path: str) -> Callable[[object], object]:
    """Return a reader of what lies below an object at this path; None where something else does."""
    return lambda value: _at(value, *path)


def account_id(value: object) -> str | None:
    """Return the account id of a user, which outlives every name."""
    return text(_at(value, "accountId"))


def key_of(value: object) -> str | None:
    """Return the key of an issue or project given as an object or as its key."""
    return text(_at(value, "key")) if isinstance(value, dict) else text(value)


def issue_link(value: object) -> str | None:
    """Return an issue link as this issue has it: `blocks DEV-3`.

    Shape: `{"type": {"inward", "outward"}, "outwardIssue": {"key"}}` or with `inwardIssue`.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/
    """
    for issue_name, phrase_name in (("outwardIssue", "outward"), ("inwardIssue", "inward")):
        key = text(_at(value, issue_name, "key"))
        if key:
            phrase = text(_at(value, "type", phrase_name)) or text(_at(value, "type", "name"))
            return f"{phrase} {key}" if phrase else key
    return text(value)


def sprint(value: object) -> str | None:
    """Return the name of a sprint, given as an object or in the text form of old sites."""
    found = _SPRINT_NAME.search(value) if isinstance(value, str) else None
    return (found[1] or None) if found else text(value)


def parent_link(value: object) -> str | None:
    """Return the key of an Advanced Roadmaps parent; the object is there even where no parent is.

    Shape: `{"hasEpicLinkFieldDependency", "showField", "data": {"key"}?, "nonEditableReason"?}`.
    """
    if isinstance(value, dict) and "showField" in value:
        return key_of(value.get("data"))
    return text(value)


def request_type(value: object) -> str | None:
    """Return the name of a service request type.

    Shape: `{"requestType": {"name"}, "currentStatus": {"status"}}`.
    """
    return text(_at(value, "requestType", "name")) or text(value)


def sla(value: object) -> str | None:
    """Return how a service level stands: `3h 20m left`, `-1h left, breached`, `met in 2h`.

    Shape: `{"name", "ongoingCycle"?: {"breached", "paused", "remainingTime": {"friendly"}},
    "completedCycles": [{"breached", "elapsedTime": {"friendly"}}]}`; the last cycle counts.

    Source: https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/
    """
    ongoing = _at(value, "ongoingCycle")
    completed = _at(value, "completedCycles")
    if isinstance(ongoing, dict):
        left = text(_at(ongoing, "remainingTime", "friendly"))
        states = [state for state in ("breached", "paused") if ongoing.get(state) is True]
        return ", ".join([f"{left} left" if left else "running", *states])
    if isinstance(completed, list):
        if not completed:
            return None
        elapsed = text(_at(completed[-1], "elapsedTime", "friendly"))
        outcome = "breached" if _at(completed[-1], "breached") is True else "met"
        return f"{outcome} in {elapsed}" if elapsed else outcome
    return text(value)


def percent(value: object) -> int | None:
    """Return the share of the work that is done, in percent; None where nothing is estimated.

    Shape: `{"progress": seconds, "total": seconds, "percent"?: 0..100}`.
    """
    given = integer(_at(value, "percent"))
    done, total = integer(_at(value, "progress")), integer(_at(value, "total"))
    if given is None and done is not None and total:
        return done * _FULL_PERCENT // total
    return integer(value) if given is None else given


def time_tracking(value: object) -> str | None:
    """Return estimate and time spent as people write them: `2d estimated, 1d spent, 1d left`."""
    parts = (("originalEstimate", "estimated"), ("timeSpent", "spent"), ("remainingEstimate", "left"))
    if not isinstance(value, dict):
        return text(value)
    found = ((text(value.get(name)), word) for name, word in parts)
    return ", ".join(f"{length} {word}" for length, word in found if length) or None


def restriction(value: object) -> list[Scalar]:
    """Return the names of the roles and groups that alone may see an issue.

    Shape: `{"issuerestrictions": {"projectrole": [{"id", "name"}]}, "shouldDisplay"}`.
    """
    kinds = _at(value, "issuerestrictions")
    members = [] if not isinstance(kinds, dict) else [kinds[kind] for kind in sorted(kinds)]
    names = (text(name) for group in members for name in (group if isinstance(group, list) else [group]))
    return [name for name in names if name]


def comment_bodies(value: object) -> list[Scalar]:
    """Return the latest comments as markdown, oldest first.

    Shape: `{"comments": [{"body"}], "total"}`.
    """
    comments = _at(value, "comments")
    latest = comments[-_SHOWN_COUNT:] if isinstance(comments, list) else []
    bodies = (text(_at(comment, "body")) for comment in latest)
    return [body for body in bodies if body]


def worklogs(value: object) -> list[Scalar]:
    """Return the latest worklogs as lines, oldest first: `2026-04-28 1d 1h Ann Lee`.

    Shape: `{"worklogs": [{"started", "timeSpent", "author"}], "total"}`.
    """
    entries = _at(value, "worklogs")
    latest = entries[-_SHOWN_COUNT:] if isinstance(entries, list) else []
    lines = (
        " ".join(
            filter(
                None,
                (
                    iso_date(_at(entry, "started")),
                    text(_at(entry, "timeSpent")),
                    text(_at(entry, "author")),
                ),
            )
        )
        for entry in latest
    )
    return [line for line in lines if line]


def _at(value: object, *path: str) -> object:
    """Return what lies below an object at this path; None where something else does."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
