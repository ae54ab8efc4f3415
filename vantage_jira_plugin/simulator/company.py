"""The made-up company of the seed: people, catalogues, fields, projects. Its issues are in `stories`."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from .catalogue import (
    Component,
    IssueType,
    LinkType,
    Option,
    Priority,
    Project,
    Resolution,
    Sprint,
    Status,
    Team,
    Transition,
)
from .fields import custom_field
from .people import Account

if TYPE_CHECKING:
    from .site import Site

__all__ = [
    "DEV_COMPONENTS",
    "NAMESPACE",
    "OPS_COMPONENTS",
    "PRIORITY_IDS",
    "STATUS_IDS",
    "STEPS",
    "TEAM_ID",
    "TYPE_IDS",
    "account_id_of",
    "add_project",
    "furnish",
]

#: Everything random about the seed hangs on this name, so that it is the same every time.
NAMESPACE = uuid.UUID("6f0d2f9e-6f4b-4a55-9d0f-3a1c5b7e9a10")
#: name in the stories, display name, time zone, what is special
_PEOPLE = (
    ("mara", "Mara Lindqvist", "America/New_York", ""),
    ("tomas", "Tomas Becker", "Europe/Berlin", ""),
    ("priya", "Priya Raman", "Asia/Kolkata", ""),
    ("jun", "Jun Watanabe", "Asia/Tokyo", ""),
    ("elena", "Elena Petrova", "Europe/Berlin", "hidden"),
    ("sam", "Sam Okoro", "Africa/Lagos", "inactive"),
    ("ruth", "Ruth Adler", "Europe/Berlin", ""),
    ("robot", "Vantage Automation", "UTC", "app"),
)

#: From the Jira defaults. Source: recorded answers of a Cloud site, 2026-04-28.
_PRIORITIES = (
    Priority("1", "Highest", "#d04437", "This problem will block progress.", 1),
    Priority("2", "High", "#f15C75", "Serious problem that could block progress.", 2),
    Priority("3", "Medium", "#f79232", "Has the potential to affect progress.", 3),
    Priority("4", "Low", "#707070", "Minor problem or easily worked around.", 4),
    Priority("5", "Lowest", "#999999", "Trivial problem with little or no impact on progress.", 5),
)
_STATUSES = (
    Status("10000", "To Do", "new"),
    Status("10001", "In Progress", "indeterminate", "Somebody works on it."),
    Status("10002", "In Review", "indeterminate"),
    Status("10003", "Done", "done"),
    Status("10004", "Waiting", "indeterminate", "Waits for somebody outside."),
)
_RESOLUTIONS = (
    Resolution("10000", "Done", "Work has been completed."),
    Resolution("10001", "Won't Do", "It will not be worked on."),
    Resolution("10002", "Duplicate", "It was already known."),
)
_TYPES = (
    IssueType("10000", "Epic", 1, "A big piece of work that holds others.", 10307),
    IssueType("10001", "Story", 0, "Something that a user wants.", 10315),
    IssueType("10002", "Bug", 0, "Something that does not work.", 10303),
    IssueType("10003", "Task", 0, "A small, distinct piece of work.", 10318),
    IssueType("10004", "Sub-task", -1, "A part of another issue.", 10316),
)
TYPE_IDS = {issue_type.name: issue_type.id for issue_type in _TYPES}
STATUS_IDS = {status.name: status.id for status in _STATUSES}
PRIORITY_IDS = {priority.name: priority.id for priority in _PRIORITIES}
_SEVERITIES = (
    Option("10030", "Critical"),
    Option("10031", "Major"),
    Option("10032", "Minor"),
)
_SYSTEMS = (Option("10040", "Billing"), Option("10041", "Mail"), Option("10042", "Storage"))
_SQUADS = (Option("10050", "Platform squad"), Option("10051", "Mobile squad"))
TEAM_ID = str(uuid.uuid5(NAMESPACE, "team"))

DEV_COMPONENTS = (
    Component("10000", "API", "Everything behind the gateway"),
    Component("10001", "Web"),
    Component("10002", "Mobile"),
)
OPS_COMPONENTS = (Component("10003", "Network"), Component("10004", "Databases"))
#: Statuses and transitions of DEV: every status can be reached from every other.
_FREE = tuple(
    Transition(str(10 * number + 1), status.name, status.id) for number, status in enumerate(_STATUSES[:4], start=1)
)
#: Those of OPS: one way, and closing asks for a resolution.
STEPS = (
    Transition("11", "Start work", "10001", ("10000", "10004")),
    Transition("21", "Wait", "10004", ("10001",)),
    Transition("31", "Resolve", "10003", ("10001",), needs_resolution=True),
    Transition("41", "Reopen", "10000", ("10003",)),
)


def account_id_of(name: str) -> str:
    """Return the account id of somebody in the stories."""
    return f"712020:{uuid.uuid5(NAMESPACE, name)}"


def _accounts() -> list[Account]:
    return [
        Account(
            account_id_of(name),
            display_name,
            None if special in {"hidden", "app"} else f"{display_name.lower().replace(' ', '.')}@example.com",
            zone,
            active=special != "inactive",
            account_type="app" if special == "app" else "atlassian",
        )
        for name, display_name, zone, special in _PEOPLE
    ]


def furnish(site: Site) -> Site:
    """Give a site its accounts, catalogues and fields, but no project, and return it."""
    site.accounts = {account.account_id: account for account in _accounts()}
    site.default_account_id = account_id_of("mara")
    site.groups = {
        "jira-users": frozenset(site.accounts),
        "developers": frozenset(account_id_of(name) for name in ("mara", "priya", "jun")),
    }
    site.statuses = {status.id: status for status in _STATUSES}
    site.priorities = {priority.id: priority for priority in _PRIORITIES}
    site.default_priority_id = "3"
    site.resolutions = {resolution.id: resolution for resolution in _RESOLUTIONS}
    site.issue_types = {issue_type.id: issue_type for issue_type in _TYPES}
    site.link_types = {
        "10000": LinkType("10000", "Blocks", "is blocked by", "blocks"),
        "10003": LinkType("10003", "Relates", "relates to", "relates to"),
    }
    site.sprints = {
        1: Sprint(1, "DEV Sprint 1", "closed", 1, "First release"),
        2: Sprint(2, "DEV Sprint 2", "active", 1, "Payments in the app"),
        3: Sprint(3, "DEV Sprint 3", "future", 1),
    }
    site.teams = {TEAM_ID: Team(TEAM_ID, "Instruments")}
    dev, ops = frozenset({"10000"}), frozenset({"10001"})
    for field in (
        custom_field(10001, "Team", "team"),
        custom_field(10010, "Story Points", "number", project_ids=dev),
        custom_field(10011, "Severity", "option", options=_SEVERITIES),
        custom_field(10012, "Customer", "text"),
        custom_field(10013, "Team", "option", options=_SQUADS, project_ids=dev),
        custom_field(10014, "Release notes", "document", project_ids=dev),
        custom_field(10015, "Start date", "date"),
        custom_field(10017, "Affected systems", "options", options=_SYSTEMS, project_ids=ops),
        custom_field(10018, "Reviewer", "user", project_ids=dev),
        custom_field(10019, "Rank", "rank"),
        custom_field(10020, "Sprint", "sprints", project_ids=dev),
        custom_field(10021, "Tags", "labels", project_ids=ops),
        custom_field(10022, "Outage began", "datetime", project_ids=ops),
        custom_field(10023, "Runbook", "url", project_ids=ops),
    ):
        site.fields[field.id] = field
    return site


def add_project(site: Site, number: int, key: str, name: str, lead: str, **parts: Any) -> Project:
    """Add a project to a site."""
    transitions: tuple[Transition, ...] = parts.get("transitions", _FREE)
    project = Project(
        id=str(number),
        key=key,
        name=name,
        lead_id=account_id_of(lead),
        type_ids=parts.get("type_ids", tuple(site.issue_types)),
        status_ids=tuple(transition.to_status_id for transition in transitions)
        if transitions is _FREE
        else ("10000", "10001", "10004", "10003"),
        transitions=transitions,
        components=parts.get("components", ()),
        versions=parts.get("versions", ()),
        description=parts.get("description", ""),
        type_key=parts.get("type_key", "software"),
        uuid=str(uuid.uuid5(NAMESPACE, key)),
    )
    site.projects[project.id] = project
    return project
