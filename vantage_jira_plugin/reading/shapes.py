"""Jira's composite values to one cell each: people, links, times spent. No fields, no columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Scalar, integer, iso_date, plain_text, text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "account_id",
    "comment_bodies",
    "group_id",
    "id_of",
    "inside",
    "issue_link",
    "key_of",
    "option_ids",
    "parent_link",
    "percent",
    "plain_comment_bodies",
    "request_type",
    "request_type_id",
    "restriction",
    "sla",
    "time_tracking",
    "worklogs",
]

#: How many comments or worklogs one row shows, the latest; the count beside them tells of the rest.
_SHOWN_COUNT = 20
_FULL_PERCENT = 100
_TIME_PARTS = (("originalEstimate", "estimated"), ("timeSpent", "spent"), ("remainingEstimate", "left"))


def inside(*path: str) -> Callable[[object], object]:
    """Return a reader of what lies below an object at this path; None where something else does."""
    return lambda value: _at(value, *path)


def account_id(value: object) -> str | None:
    """Return the account id of a user, which outlives every name."""
    return text(value.get("accountId")) if isinstance(value, dict) else None


def id_of(value: object) -> str | None:
    """Return the id of an option, a status, a version or the like."""
    return text(value.get("id")) if isinstance(value, dict) else None


def group_id(value: object) -> str | None:
    """Return the id of a group."""
    return text(_at(value, "groupId"))


def option_ids(value: object) -> list[Scalar]:
    """Return the ids of an option and of its child, in a cascading select list."""
    return [found for found in (id_of(value), id_of(_at(value, "child"))) if found is not None]


def request_type_id(value: object) -> str | None:
    """Return the id of a service request type."""
    return id_of(_at(value, "requestType"))


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
    if not isinstance(value, dict):
        return integer(value)
    given = integer(value.get("percent"))
    if given is not None:
        return given
    done, total = integer(value.get("progress")), integer(value.get("total"))
    return done * _FULL_PERCENT // total if done is not None and total else None


def time_tracking(value: object) -> str | None:
    """Return estimate and time spent as people write them: `2d estimated, 1d spent, 1d left`."""
    if not isinstance(value, dict):
        return text(value)
    parts: list[str] = []
    for name, word in _TIME_PARTS:
        length = text(value.get(name))
        if length:
            parts.append(f"{length} {word}")
    return ", ".join(parts) or None


def restriction(value: object) -> list[Scalar]:
    """Return the names of the roles and groups that alone may see an issue.

    Shape: `{"issuerestrictions": {"projectrole": [{"id", "name"}]}, "shouldDisplay"}`.
    """
    kinds = _at(value, "issuerestrictions")
    if not isinstance(kinds, dict) or not kinds:  # hardly any issue has some
        return []
    members = [kinds[kind] for kind in sorted(kinds)]
    names = (text(name) for group in members for name in (group if isinstance(group, list) else [group]))
    return [name for name in names if name]


def comment_bodies(value: object) -> list[Scalar]:
    """Return the latest comments as markdown, oldest first.

    Shape: `{"comments": [{"body"}], "total"}`.
    """
    return _bodies(value, text)


def plain_comment_bodies(value: object) -> list[Scalar]:
    """Return the latest comments as plain text, oldest first."""
    return _bodies(value, plain_text)


def _bodies(value: object, read: Callable[[object], str | None]) -> list[Scalar]:
    comments = value.get("comments") if isinstance(value, dict) else None
    if not isinstance(comments, list) or not comments:
        return []
    bodies = [read(comment.get("body")) for comment in comments[-_SHOWN_COUNT:] if isinstance(comment, dict)]
    return [body for body in bodies if body]


def worklogs(value: object) -> list[Scalar]:
    """Return the latest worklogs as lines, oldest first: `2026-04-28 1d 1h Ann Lee`.

    Shape: `{"worklogs": [{"started", "timeSpent", "author"}], "total"}`.
    """
    entries = value.get("worklogs") if isinstance(value, dict) else None
    if not isinstance(entries, list) or not entries:
        return []
    latest = entries[-_SHOWN_COUNT:]
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
