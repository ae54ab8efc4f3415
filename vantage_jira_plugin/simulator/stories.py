"""What happened at the made-up company: the issues of the first site as a table. Nothing is done here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["COMMENTS", "STORIES", "Story"]


@dataclass(frozen=True, slots=True)
class Story:
    """An issue and how it came to its status.

    Attributes:
        days: how long ago it was created.
        path: statuses that it went through after `To Do`.
        due_days: when it is due, from now.
    """

    key: str
    type: str
    summary: str
    days: float
    reporter: str = "mara"
    assignee: str = ""
    path: str = ""
    priority: str = "Medium"
    labels: str = ""
    components: str = ""
    version: str = ""
    due_days: float | None = None
    parent: str = ""
    description: str = ""
    custom: dict[str, Any] = field(default_factory=dict)


_DONE = "In Progress > In Review > Done"
_REVIEW = "In Progress > In Review"
_POINTS, _SEVERITY, _CUSTOMER, _SPRINT = (
    "customfield_10010",
    "customfield_10011",
    "customfield_10012",
    "customfield_10020",
)

#: In order of their keys, which the site gives them.
STORIES: tuple[Story, ...] = (
    Story(
        "DEV-1",
        "Epic",
        "Payments in the app",
        90,
        assignee="mara",
        path="In Progress",
        labels="payments",
        due_days=30,
        description="Customers pay for calibrations without leaving the app.\nCards first, invoices later.",
        custom={"customfield_10001": True},
    ),
    Story("DEV-2", "Epic", "Faster start", 80, "priya", "jun", path="In Progress", labels="performance"),
    Story(
        "DEV-3",
        "Story",
        "Pay by card",
        70,
        assignee="priya",
        path=_DONE,
        priority="High",
        labels="payments mobile",
        components="Mobile API",
        version="1.0",
        parent="DEV-1",
        description="As a customer I pay by card so that the report arrives at once.",
        custom={_POINTS: 8.0, _SPRINT: (1,), "customfield_10013": "10051", "customfield_10018": "jun"},
    ),
    Story(
        "DEV-4",
        "Story",
        "Pay by invoice",
        60,
        assignee="priya",
        path="In Progress",
        labels="payments",
        components="API",
        version="1.1",
        due_days=14,
        parent="DEV-1",
        custom={_POINTS: 5.0, _SPRINT: (2,), _CUSTOMER: "Northwind Labs"},
    ),
    Story("DEV-5", "Story", "Refund a payment", 55, "tomas", path="", parent="DEV-1", custom={_POINTS: 3.0}),
    Story(
        "DEV-6",
        "Bug",
        "App crashes when the network drops",
        50,
        "tomas",
        "jun",
        path=_DONE,
        priority="Highest",
        labels="crash mobile",
        components="Mobile",
        version="1.0",
        description="Steps: start an upload, switch the phone to flight mode.\nThe app closes.",
        custom={_SEVERITY: "10030", _POINTS: 2.0, _SPRINT: (1,), _CUSTOMER: "Globex"},
    ),
    Story(
        "DEV-7",
        "Bug",
        "Totals are rounded twice",
        48,
        "elena",
        "jun",
        path=_REVIEW,
        priority="High",
        labels="payments",
        components="API",
        version="1.1",
        parent="DEV-1",
        custom={_SEVERITY: "10031", _POINTS: 1.0, _SPRINT: (2,)},
    ),
    Story(
        "DEV-8",
        "Task",
        "Move the test bench to the new office",
        45,
        "mara",
        "elena",
        path=_DONE,
        priority="Low",
    ),
    Story(
        "DEV-9",
        "Task",
        "Agree on terms with the card processor",
        44,
        assignee="mara",
        path="In Progress",
        due_days=-3,
        labels="legal payments",
        parent="DEV-1",
    ),
    Story(
        "DEV-10",
        "Sub-task",
        "Write the form for card data",
        65,
        "priya",
        "priya",
        path=_DONE,
        parent="DEV-3",
        custom={_SPRINT: (1,)},
    ),
    Story("DEV-11", "Sub-task", "Test with expired cards", 64, "priya", "jun", path=_DONE, parent="DEV-3"),
    Story("DEV-12", "Story", "Load the dashboard in one second", 40, "jun", "jun", parent="DEV-2"),
    Story(
        "DEV-13",
        "Story",
        "Keep the last report offline",
        38,
        "priya",
        "priya",
        path=_REVIEW,
        components="Mobile",
        parent="DEV-2",
        custom={_POINTS: 5.0, _SPRINT: (2,), "customfield_10014": "Reports stay readable without a network."},
    ),
    Story(
        "DEV-14",
        "Bug",
        'The label "50 % off" breaks the layout',
        36,
        "elena",
        "",
        priority="Lowest",
        components="Web",
        custom={_SEVERITY: "10032"},
    ),
    Story("DEV-15", "Bug", "Search finds nothing for äöü", 33, "ruth", "jun", labels="search", components="Web"),
    Story("DEV-16", "Task", "Renew the signing certificate", 30, "tomas", "tomas", due_days=7, priority="High"),
    Story("DEV-17", "Task", "Describe the upload protocol", 28, "jun", "elena", path="In Progress"),
    Story("DEV-18", "Story", "Share a report by link", 25, "mara", "", labels="reports", version="2.0"),
    Story(
        "DEV-19",
        "Bug",
        "Dates are a day off in Tokyo",
        22,
        "jun",
        "priya",
        path="In Progress",
        priority="High",
        labels="reports",
        custom={_SEVERITY: "10031", _CUSTOMER: "Initech", "customfield_10015": "2026-01-15"},
    ),
    Story("DEV-20", "Story", "Choose the unit of measure", 18, "elena", "", version="2.0"),
    Story("DEV-21", "Task", "Remove the old import", 15, "priya", "priya", path=_DONE, priority="Low"),
    Story("DEV-22", "Bug", "Two reports have the same number", 9, "ruth", "jun", priority="Highest"),
    Story("DEV-23", "Task", "Plan the next release", 4, "mara", "mara", due_days=10),
    Story("DEV-24", "Bug", "Sign-out leaves the session open", 1, "elena", "", labels="security"),
    Story("OPS-1", "Epic", "Second data centre", 75, "tomas", "tomas", path="In Progress"),
    Story(
        "OPS-2",
        "Bug",
        "Backups run into working hours",
        52,
        "tomas",
        "tomas",
        path="In Progress > Waiting",
        priority="High",
        components="Databases",
        custom={_SEVERITY: "10031", "customfield_10017": ("10042",)},
    ),
    Story("OPS-3", "Task", "Order four switches", 47, "tomas", "sam", path="In Progress > Done", parent="OPS-1"),
    Story(
        "OPS-4",
        "Bug",
        "Mail is delayed by an hour",
        35,
        "ruth",
        "tomas",
        path="In Progress > Done",
        priority="Highest",
        components="Network",
        custom={_SEVERITY: "10030", "customfield_10017": ("10041", "10042"), _CUSTOMER: "Globex"},
    ),
    Story("OPS-5", "Task", "Rotate the database passwords", 31, "tomas", "elena", due_days=-1),
    Story("OPS-6", "Task", "Write the runbook for failover", 27, "tomas", "", parent="OPS-1", due_days=40),
    Story("OPS-7", "Sub-task", "List everything that must move", 26, "tomas", "elena", parent="OPS-6"),
    Story("OPS-8", "Bug", "Disk of the log server is full", 12, "jun", "tomas", path="In Progress"),
    Story("OPS-9", "Task", "Raise the limits for uploads", 6, "priya", "tomas"),
    Story("OPS-10", "Bug", "Alarm rings for planned work", 2, "tomas", "", priority="Low"),
    Story("HR-1", "Task", "Hire two engineers", 58, "ruth", "ruth", path="In Progress"),
    Story("HR-2", "Task", "Holiday plan", 42, "ruth", "ruth", path=_DONE),
    Story("HR-3", "Sub-task", "Ask every team for dates", 41, "ruth", "ruth", parent="HR-2"),
    Story("HR-4", "Task", "Prepare the summer party", 5, "ruth", ""),
)

#: By issue: who said what, in order.
COMMENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "DEV-3": (("jun", "Works with the test cards."), ("mara", "Released with 1.0, thank you!")),
    "DEV-4": (("priya", "Waits for the terms, see DEV-9."),),
    "DEV-6": (("tomas", "Seen on three phones."), ("jun", "Fixed: the upload now pauses.")),
    "DEV-9": (("mara", "Their lawyer is back on Monday."),),
    "OPS-2": (("tomas", "The vendor sends a patch.\nUntil then we start at 20:00."),),
    "OPS-4": (("ruth", "Better now."),),
    "HR-1": (("ruth", "Eleven applications so far."),),
}
