"""What an administrator sets up: statuses, priorities, issue types, projects. No issues live here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "CATEGORIES",
    "Category",
    "Component",
    "IssueType",
    "LinkType",
    "Option",
    "Priority",
    "Project",
    "Resolution",
    "Sprint",
    "Status",
    "Team",
    "Transition",
    "Version",
]


class Category(NamedTuple):
    """A status category; the four are fixed in every Jira."""

    id: int
    key: str
    color_name: str
    name: str


#: By key; ids, colours and names as in every Cloud site.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-workflow-status-categories/
CATEGORIES = {
    category.key: category
    for category in (
        Category(1, "undefined", "medium-gray", "No Category"),
        Category(2, "new", "blue-gray", "To Do"),
        Category(3, "done", "green", "Done"),
        Category(4, "indeterminate", "yellow", "In Progress"),
    )
}


@dataclass(frozen=True, slots=True)
class Status:
    """A step of a workflow; `scope_project_id` is the project that has it to itself, as projects of a team do."""

    id: str
    name: str
    category: str
    description: str = ""
    scope_project_id: str | None = None


@dataclass(frozen=True, slots=True)
class Priority:
    """A priority; `rank` orders them, the most urgent first."""

    id: str
    name: str
    color: str
    description: str
    rank: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """Why an issue was closed."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class IssueType:
    """A kind of issue; level 1 holds level 0, level -1 is a sub-task."""

    id: str
    name: str
    level: int
    description: str
    avatar_id: int


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a project."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A release of a project; `release_date` is `2026-04-28` or None."""

    id: str
    name: str
    released: bool = False
    archived: bool = False
    release_date: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Sprint:
    """A sprint of a board; times are ISO 8601 in UTC as Jira Software writes them."""

    id: int
    name: str
    state: str
    board_id: int
    goal: str = ""
    start_date: str | None = None
    end_date: str | None = None
    complete_date: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a select field."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Team:
    """An Atlassian team, as the field `Team` shows it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class LinkType:
    """A kind of issue link."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A move of a workflow; without `from_status_ids` it starts anywhere.

    `needs_resolution`: its screen asks for a resolution, which is required.
    """

    id: str
    name: str
    to_status_id: str
    from_status_ids: tuple[str, ...] = ()
    needs_resolution: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A company-managed project and its workflow; the first status is where issues start."""

    id: str
    key: str
    name: str
    lead_id: str
    type_ids: tuple[str, ...]
    status_ids: tuple[str, ...]
    transitions: tuple[Transition, ...]
    components: tuple[Component, ...] = ()
    versions: tuple[Version, ...] = ()
    description: str = ""
    type_key: str = "software"
    uuid: str = "00000000-0000-4000-8000-000000000000"
    avatar_id: int = 10416
