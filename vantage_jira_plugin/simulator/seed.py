"""The sites that the simulator begins with: a small company, all of it made up. No rules live here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .catalogue import Version
from .company import (
    DEV_COMPONENTS,
    NAMESPACE,
    OPS_COMPONENTS,
    PRIORITY_IDS,
    STATUS_IDS,
    STEPS,
    TEAM_ID,
    TYPE_IDS,
    account_id_of,
    add_project,
    furnish,
)
from .issues import Link
from .site import Site
from .stories import COMMENTS, STORIES, Story
from .timestamps import jira_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from .issues import Issue

__all__ = ["demo_sites", "second_site"]

_DAY_SECONDS = 86_400.0
_HOUR_SECONDS = 3_600.0


def demo_sites(clock: Callable[[], float]) -> list[Site]:
    """Return the site `acme`: DEV and OPS, and HR, which the default account may not see."""
    now = clock()
    site = furnish(Site(clock, cloud_id=str(uuid.uuid5(NAMESPACE, "acme")), name="acme", confluence=True))
    versions = (
        Version("10000", "1.0", released=True, release_date=_day(site, now, -60)),
        Version("10001", "1.1", release_date=_day(site, now, 20)),
        Version("10002", "2.0"),
    )
    add_project(
        site,
        10000,
        "DEV",
        "Device Platform",
        "mara",
        components=DEV_COMPONENTS,
        versions=versions,
        description="Software of the instruments",
    )
    add_project(
        site,
        10001,
        "OPS",
        "Operations",
        "tomas",
        components=OPS_COMPONENTS,
        transitions=STEPS,
        type_ids=("10000", "10002", "10003", "10004"),
        description="Keeps everything running",
    )
    add_project(site, 10002, "HR", "People", "ruth", type_key="business", type_ids=("10003", "10004"))
    for account_id in site.accounts:
        if account_id != account_id_of("ruth"):
            site.deny(account_id, "BROWSE_PROJECTS", "HR")
            site.deny(account_id, "CREATE_ISSUES", "HR")
        if account_id != account_id_of("tomas"):
            site.deny(account_id, "ADMINISTER_PROJECTS", "OPS")
    _tell(site, now)
    return [site]


def second_site(clock: Callable[[], float]) -> Site:
    """Return the site `acme-labs`, with one project of three issues."""
    site = furnish(Site(clock, cloud_id=str(uuid.uuid5(NAMESPACE, "labs")), name="acme-labs"))
    project = add_project(site, 10000, "LAB", "Laboratory", "mara")
    for number, summary in enumerate(("Calibrate the laser", "Order lenses", "Clean the bench"), start=1):
        site.create_issue(
            project,
            {"issuetype": "10003", "summary": summary},
            site.default_account_id,
            at=clock() - number * _DAY_SECONDS,
        )
    return site


def _day(site: Site, now: float, days: float) -> str:
    return jira_date(now + days * _DAY_SECONDS, site.time_zone)


@dataclass
class _Teller:
    site: Site
    now: float
    issues: dict[str, Issue]

    def values(self, story: Story) -> dict[str, Any]:
        """Return the fields that the issue of a story was created with."""
        project = self.site.project(story.key.partition("-")[0])
        if project is None:
            raise KeyError(story.key)
        more: dict[str, Any] = {
            "assignee": account_id_of(story.assignee) if story.assignee else None,
            "priority": PRIORITY_IDS[story.priority],
            "labels": tuple(sorted(story.labels.split())),
            "components": tuple(component.id for component in project.components if component.name in story.components),
            "fixVersions": tuple(version.id for version in project.versions if version.name == story.version),
            "duedate": None if story.due_days is None else _day(self.site, self.now, story.due_days),
            "parent": self.issues[story.parent].id if story.parent else None,
            "description": _document(story.description) if story.description else None,
        }
        for field_id, value in story.custom.items():
            match field_id, value:
                case "customfield_10001", _:
                    more[field_id] = TEAM_ID
                case "customfield_10014", str():
                    more[field_id] = _document(value)
                case "customfield_10018", str():
                    more[field_id] = account_id_of(value)
                case _:
                    more[field_id] = value
        return {
            "issuetype": TYPE_IDS[story.type],
            "summary": story.summary,
            **{name: value for name, value in more.items() if value is not None and value != ()},
        }


def _document(text: str) -> dict[str, Any]:
    """Return a document of one paragraph per line."""
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in text.splitlines()],
    }


def _tell(site: Site, now: float) -> None:
    """Create the issues of the stories and bring them to where they are."""
    teller = _Teller(site, now, {})
    for story in STORIES:
        project = site.project(story.key.partition("-")[0])
        if project is None:
            raise KeyError(story.key)
        created_at = now - story.days * _DAY_SECONDS
        issue = site.create_issue(project, teller.values(story), account_id_of(story.reporter), at=created_at)
        teller.issues[story.key] = issue
        names = story.path.split(" > ") if story.path else []
        for step, name in enumerate(names, start=1):
            at = created_at + (now - created_at) * step / (len(names) + 1)
            done = STATUS_IDS[name] == "10003"
            site.change_issue(
                issue,
                {
                    "status": STATUS_IDS[name],
                    "resolution": "10000" if done else None,
                    "resolutiondate": at if done else None,
                },
                account_id_of(story.assignee or story.reporter),
                at=at,
            )
        for number, (author, text) in enumerate(COMMENTS.get(story.key, ()), start=1):
            at = min(now, issue.values["updated"] + number * _HOUR_SECONDS)
            site.add_comment(issue, account_id_of(author), _document(text), at=at)
    for source, target in (("DEV-9", "DEV-4"), ("OPS-2", "DEV-11")):
        link = Link(site.next_id(), "10000", teller.issues[source].id, teller.issues[target].id)
        teller.issues[source].links.append(link)
        teller.issues[target].links.append(link)
