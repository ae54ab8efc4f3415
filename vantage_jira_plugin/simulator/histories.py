"""Many made-up issues with a history, for load tests and analyses. What happens to one is known in `lives`."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any, Literal

from .catalogue import Sprint
from .clock import iso_at
from .issues import Change, ChangeItem, Comment, Issue, Worklog
from .lives import DAY_SECONDS, ROUND_SECONDS, Rounds, Setting, life
from .phrases import WORDS, descriptions, remarks
from .timestamps import jira_date
from .wording import change_item

if TYPE_CHECKING:
    from .catalogue import Project
    from .lives import Event
    from .site import Site

__all__ = ["History", "many_issues"]

#: How creation is spread over two years: evenly, or four of five issues in one week.
History = Literal["even", "skewed"]
_SPAN_SECONDS = 730 * DAY_SECONDS
#: When the one week of `skewed` began, and how much is in it.
_BUSY_FROM_SECONDS, _BUSY_SECONDS, _BUSY_SHARE = 300 * DAY_SECONDS, 7 * DAY_SECONDS, 0.8
#: One issue of so many is an epic, and one of so many epics before may be an issue's parent.
_EPIC_EVERY, _OPEN_EPICS = 40, 5
#: Number of the first sprint that is added; the site's own come before.
_FIRST_SPRINT = 101
#: How likely an issue has a thing. All of it is made up.
_ASSIGNED, _PLANNED, _IN_EPIC, _ESTIMATED, _DUE, _DESCRIBED = 0.6, 0.6, 0.5, 0.7, 0.2, 0.8
#: How likely issues have none, one, two, three comments, and how likely they have worklogs.
_COMMENTS, _WORKLOGS = (78, 16, 5, 1), (88, 9, 3)


def many_issues(
    site: Site, count: int, seed: int = 0, *, project_key: str = "DEV", history: History = "even"
) -> list[Issue]:
    """Add issues that lived for up to two years; the same for the same seed, but for the time."""
    project = site.project(project_key)
    if project is None:
        raise KeyError(project_key)
    if not count:
        return []
    teller = _Teller(site, project, random.Random(seed))  # noqa: S311 - test data
    return [teller.tell(number, at) for number, at in enumerate(_creations(site.clock(), count, history))]


def _creations(now: float, count: int, history: History) -> list[float]:
    """Return when issues were created, epoch seconds, the oldest first."""
    busy = int(count * _BUSY_SHARE) if history == "skewed" else 0
    even = count - busy
    times = [now - _SPAN_SECONDS + _SPAN_SECONDS * number / even for number in range(even)]
    times += [now - _BUSY_FROM_SECONDS + _BUSY_SECONDS * number / busy for number in range(busy)]
    return sorted(math.floor(at * 1000) / 1000 for at in times)


class _Teller:
    """Tells issues one after the other; equal parts of their histories are the same objects."""

    def __init__(self, site: Site, project: Project, chance: random.Random) -> None:
        self.site, self.project, self.chance = site, project, chance
        self.now = site.clock()
        self.fields = {field.name: field.id for field in site.fields_of(project.id)}
        self.epic_type_ids = [one for one in project.type_ids if site.issue_types[one].level == 1]
        self.type_ids = [one for one in project.type_ids if site.issue_types[one].level == 0]
        self.descriptions, self.remarks = descriptions(chance), remarks(chance)
        self.epics: list[int] = []
        self.items: dict[tuple[Any, ...], tuple[ChangeItem, ...]] = {}
        self.setting = self._setting()

    def _setting(self) -> Setting:
        site, statuses = self.site, [self.site.statuses[one] for one in self.project.status_ids]
        working = tuple(status.id for status in statuses if status.category == "indeterminate")
        return Setting(
            to_do_id=statuses[0].id,
            working_ids=working,
            done_id=next(status.id for status in statuses if status.category == "done"),
            people=tuple(one.account_id for one in site.accounts.values() if one.active),
            resolution_ids=tuple(site.resolutions),
            priority_ids=tuple(site.priorities),
            sprint_field_id=self.fields.get("Sprint", ""),
            rounds=self._rounds() if "Sprint" in self.fields else None,
        )

    def _rounds(self) -> Rounds:
        """Add sprints of two weeks over two years, the last of them under way, and return them."""
        count = int(_SPAN_SECONDS / ROUND_SECONDS)
        begin_at = self.now - ROUND_SECONDS * (count - 0.5)
        ids = tuple(range(_FIRST_SPRINT, _FIRST_SPRINT + count))
        for place, number in enumerate(ids):
            start_at = begin_at + ROUND_SECONDS * place
            closed = number != ids[-1]
            self.site.sprints[number] = Sprint(
                number,
                f"{self.project.key} Sprint {number}",
                "closed" if closed else "active",
                board_id=1,
                start_date=iso_at(start_at),
                end_date=iso_at(start_at + ROUND_SECONDS),
                complete_date=iso_at(start_at + ROUND_SECONDS) if closed else None,
            )
        return Rounds(begin_at, ids)

    def tell(self, number: int, created_at: float) -> Issue:
        """Add an issue with all that happened to it."""
        site, chance = self.site, self.chance
        is_epic = bool(self.epic_type_ids) and number % _EPIC_EVERY == 0
        reporter_id = chance.choice(self.setting.people)
        values = self._created(number, created_at, reporter_id, is_epic=is_epic)
        issue_id, (key, place) = site.next_id(), site.next_key(self.project)
        events = life(chance, self.setting, values, created_at, self.now)
        changes = [self._changed(values, event) for event in events]
        issue = Issue(
            issue_id,
            key,
            place,
            self.project.id,
            values,
            created_at,
            comments=self._commented(created_at),
            worklogs=self._logged(created_at),
            changes=changes,
            earlier=((created_at, None),),
        )
        moments = [
            *(comment.created_at for comment in issue.comments),
            *(worklog.created_at for worklog in issue.worklogs),
            *(change.created_at for change in changes),
        ]
        values["updated"] = issue.written_at = max(moments, default=created_at)
        site.keep(issue)
        if is_epic:
            self.epics = [*self.epics[1 - _OPEN_EPICS :], issue_id]
        return issue

    def _created(self, number: int, created_at: float, reporter_id: str, *, is_epic: bool) -> dict[str, Any]:
        chance, project = self.chance, self.project
        values: dict[str, Any] = {
            "issuetype": self.epic_type_ids[0] if is_epic else chance.choice(self.type_ids),
            "summary": f"Check {chance.choice(WORDS)} {chance.choice(WORDS)} {number}",
            "status": self.setting.to_do_id,
            "priority": chance.choice(self.setting.priority_ids),
            "reporter": reporter_id,
            "creator": reporter_id,
            "created": created_at,
            "updated": created_at,
            "statuscategorychangedate": created_at,
            "labels": tuple(sorted(chance.sample(WORDS, chance.randint(0, 2)))),
        }
        if chance.random() < _ASSIGNED:
            values["assignee"] = chance.choice(self.setting.people)
        if chance.random() < _DESCRIBED:
            values["description"] = chance.choice(self.descriptions)
        if chance.random() < _DUE:
            values["duedate"] = jira_date(created_at + chance.randint(7, 90) * DAY_SECONDS, self.site.time_zone)
        if project.components:
            values["components"] = (chance.choice(project.components).id,)
        if is_epic:
            return values
        if self.epics and chance.random() < _IN_EPIC:
            values["parent"] = chance.choice(self.epics)
        if "Story Points" in self.fields and chance.random() < _ESTIMATED:
            values[self.fields["Story Points"]] = chance.choice((1.0, 2.0, 3.0, 5.0, 8.0))
        rounds = self.setting.rounds
        if rounds is not None and chance.random() < _PLANNED:
            place = rounds.after(created_at)
            if place < len(rounds.ids):
                values[self.setting.sprint_field_id] = (rounds.ids[place],)
        return values

    def _changed(self, values: dict[str, Any], event: Event) -> Change:
        """Change the values as an event says, and return the entry of the changelog."""
        at = math.floor(event.at * 1000) / 1000
        differing = {name: value for name, value in event.values.items() if name != "resolutiondate"}
        key = tuple((name, values.get(name), value) for name, value in differing.items())
        items = self.items.get(key)
        if items is None:
            fields = self.site.fields
            items = self.items[key] = tuple(change_item(self.site, fields[name], old, new) for name, old, new in key)
        statuses = self.site.statuses
        if "status" in differing:
            if statuses[differing["status"]].category != statuses[values["status"]].category:
                values["statuscategorychangedate"] = at
            values["resolutiondate"] = None if event.values.get("resolutiondate") is None else at
        values.update(differing)
        return Change(self.site.next_id(), event.author_id, at, items)

    def _moments(self, created_at: float, weights: tuple[int, ...]) -> list[float]:
        """Return when some things happened within two weeks, in order."""
        (count,) = self.chance.choices(range(len(weights)), weights)
        end = min(self.now, created_at + ROUND_SECONDS)
        return sorted(math.floor(self.chance.uniform(created_at, end) * 1000) / 1000 for _ in range(count))

    def _commented(self, created_at: float) -> list[Comment]:
        return [
            Comment(self.site.next_id(), author_id, self.chance.choice(self.remarks), at, author_id, at)
            for at in self._moments(created_at, _COMMENTS)
            for author_id in [self.chance.choice(self.setting.people)]
        ]

    def _logged(self, created_at: float) -> list[Worklog]:
        return [
            Worklog(self.site.next_id(), self.chance.choice(self.setting.people), at, 900 * spent, at)
            for at in self._moments(created_at, _WORKLOGS)
            for spent in [self.chance.randint(1, 24)]
        ]
