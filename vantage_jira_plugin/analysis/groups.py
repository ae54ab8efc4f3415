"""By which of its values an issue is counted: a group for each. Pure; nothing is counted here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .history import IssueHistory

__all__ = ["GROUPINGS", "GROUP_FIELDS", "NO_VALUE", "Grouping", "groups_of"]

Grouping = Literal["issuetype", "priority", "project", "assignee", "component", "label"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
#: The group of issues that have no such value.
NO_VALUE = "(none)"
#: Fields that a grouping reads beside those of every history.
GROUP_FIELDS: Mapping[Grouping, tuple[str, ...]] = {"component": ("components",), "label": ("labels",)}


def groups_of(grouping: Grouping | None) -> Callable[[IssueHistory], tuple[str | None, ...]]:
    """Return what gives the groups of an issue, by its values of today.

    One of several components or labels is in each of their groups, so that groups then add up to more than the issues.
    People are told apart by name and, where two have the same, not at all: the table shows names. Without a grouping
    all issues are in the one group None.
    """
    if grouping is None:
        return lambda _: (None,)
    return lambda issue: _READERS[grouping](issue) or (NO_VALUE,)


def _one(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _listed(issue: IssueHistory, field: str) -> tuple[str, ...]:
    """Return the names in a list of texts or of named objects, each once."""
    values: Any = issue.fields.get(field)
    names = (value.get("name") if isinstance(value, dict) else value for value in values or ())
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))


_READERS: Mapping[Grouping, Callable[[IssueHistory], tuple[str, ...]]] = {
    "issuetype": lambda issue: _one(issue.issue_type),
    "priority": lambda issue: _one(issue.priority),
    "project": lambda issue: _one(issue.project_key),
    "assignee": lambda issue: _one(issue.assignee),
    "component": lambda issue: _listed(issue, "components"),
    "label": lambda issue: _listed(issue, "labels"),
}
