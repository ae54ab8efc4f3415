"""Any small Jira with any search, read by threads that the seed of a test leads. What must hold is in the tests."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from hypothesis import strategies as st

from tests.reading.fakejira import MINUTE, FakeJira, LedThreads, Made, ids_of
from vantage_jira_plugin.reading import crew, survey, work
from vantage_jira_plugin.reading.pull import pull

__all__ = ["YEAR_MINUTES", "World", "by_created", "history", "number_of", "worlds"]

_MINUTE_MILLISECONDS = 60_000
_WEEK_MINUTES = 7 * 24 * 60
YEAR_MINUTES = 365 * 24 * 60
_ORDERS = [
    "",
    "ORDER BY created ASC",
    "ORDER BY created DESC",
    "ORDER BY created",
    "ORDER BY created, key",
    "ORDER BY key",
    "ORDER BY updated DESC",
]


@dataclass
class World:
    """A Jira with issues, and how a pull is done."""

    jira: FakeJira
    jql: str
    chance: random.Random

    @contextmanager
    def led(self, many_rows=10):
        """Let the seed lead the threads; what is many rows is little, as the histories are."""
        led = LedThreads(self.jira, self.chance)
        with (
            patch.object(work, "Crew", lambda _jira, spare: led),
            patch.object(crew, "SimpleQueue", lambda: led),
            patch.object(survey, "_MANY_ROWS", many_rows),
        ):
            yield led

    @property
    def expected(self):
        """What one sequential read gives, in its order."""
        confined = self.jql
        allowed = self.jira.settings.allowed_projects
        found = self.jira.found(confined if "ORDER" in confined else f"{confined} ORDER BY created DESC")
        return ids_of(one for one in found if allowed is None or one.project in allowed)

    def pull(self, max_rows, token=None, fields=("summary",)):
        with self.led():
            return pull(self.jira, self.jql, fields, max_rows=max_rows, make=number_of, next_page_token=token)


def number_of(issue):
    """Return what is made of an issue: its number."""
    return int(issue["id"])


def history(chance, count, width, *, busy):
    """Return issues of so many minutes; of busy ones four of five within a week, or within a fiftieth of the time."""
    issues = []
    for number in range(count):
        if busy and chance.random() < 0.8:
            minute = MINUTE + width // 3 + chance.randrange(max(1, min(_WEEK_MINUTES, width // 50)))
        else:
            minute = MINUTE + chance.randrange(width)
        created = minute * _MINUTE_MILLISECONDS + chance.choice([0, 1, 59_999, chance.randrange(_MINUTE_MILLISECONDS)])
        project = chance.choice(["DEV", "DEV", "OPS"])
        issues.append(Made(10_000 + number, created, chance.randrange(10**9), project))
    chance.shuffle(issues)
    return issues


@st.composite
def worlds(draw, orders=_ORDERS):
    """Any Jira, any order."""
    chance = random.Random(draw(st.integers(0, 1 << 32)))  # noqa: S311 - test data
    count = draw(st.sampled_from([0, 1, 2, 300]) | st.integers(3, 300))
    width = draw(st.sampled_from([1, 2, 5, 60, YEAR_MINUTES]))
    jira = FakeJira(
        history(chance, count, width, busy=draw(st.booleans())),
        page_size=draw(st.integers(1, 50)),
        max_in_flight=draw(st.integers(1, 16)),
        allowed=draw(st.sampled_from([None, None, frozenset({"DEV"})])),
        list_size=draw(st.sampled_from([7, 50, 5000])),
        shorter=draw(st.sampled_from([0, 0, 30])),
        miscounts=draw(st.sampled_from([0.0, 0.3])),
        unsaid_descends=draw(st.booleans()),
        hourly_points=draw(st.sampled_from([None, 1, 1, 1])),  # where points are few, no ids are listed first
        seed=chance.random(),
    )
    return World(jira, f"type = Bug {draw(st.sampled_from(orders))}".strip(), chance)


#: Those whose order slices may follow.
by_created = worlds([order for order in _ORDERS if order == "" or "created" in order])
