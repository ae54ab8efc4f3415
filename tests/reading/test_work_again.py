"""Pulls that are killed and begun again: what was kept is kept, and the rest is read as one chain gives it."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.fakejira import MINUTE, FakeJira, Made
from tests.reading.worlds import YEAR_MINUTES, World, by_created, history, number_of
from vantage_jira_plugin.errors import JiraInvalidError
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.reading.keeper import MemoryKeeper
from vantage_jira_plugin.reading.parts import SlicePart
from vantage_jira_plugin.reading.pull import pull_into
from vantage_jira_plugin.reading.slices import Slice

_MINUTE_MILLISECONDS = 60_000


class _KilledError(Exception):
    """Ends a run as a kill does."""


class _Disk(MemoryKeeper):
    """Keeps what it is told, until it is killed; the next run gets what was kept."""

    def __init__(self, earlier=None, *, calls=None):
        super().__init__()
        self.left = calls
        self._found = None
        if earlier is not None:
            self._found = earlier.parts()
            self._parts, self._rows = dict(earlier._parts), {key: list(rows) for key, rows in earlier._rows.items()}

    def restored(self):
        return self._found

    def planned(self, parts):
        self._count()
        json.dumps([part.state for part in parts])
        super().planned(parts)

    def page(self, part, made):
        self._count()
        super().page(part, made)
        assert part.rows == len(self._rows[part.position])

    def kept(self):
        """Return the ids of all rows, whether or not there are gaps before them."""
        return {row for rows in self._rows.values() for row in rows}

    def _count(self):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise _KilledError


def _run_into(world, keeper, max_rows=None):
    with world.led():
        return pull_into(world.jira, world.jql, ["summary"], max_rows=max_rows, make=number_of, keeper=keeper)


def _known(disk):
    """Return the ids that parts read again to find where they stand: those of the minute that they stand in."""
    return {int(number) for part in disk.parts() for number in part.state.get("atLast", ())}


def _assert_lost(world, disk, error):
    """Check that a token that expired was needed: no direction is known by which to go on, or ids were listed."""
    assert "page token" in error.message
    listed = any(part.state["kind"] == "listing" for part in disk.parts())
    assert listed or not world.jql.endswith(("SC", "Bug"))


@given(by_created, st.lists(st.integers(0, 25), min_size=1, max_size=3), st.booleans(), st.none() | st.integers(1, 200))
def test_a_run_that_was_killed_goes_on_where_it_stood(world, kills, expires, max_rows):
    """Run after run: what was kept is not read again, but for the minute that a part stands in; nothing is missing."""
    disk = None
    for calls in kills:
        disk = _Disk(disk, calls=calls)
        try:
            _run_into(world, disk, max_rows)
        except _KilledError:
            if expires:
                world.jira.expire()
        except JiraInvalidError as error:
            _assert_lost(world, disk, error)
            return
        kept, known = disk.kept(), _known(disk)
        world.jira.delivered.clear()
    again = _Disk(disk)
    world.jira.hourly_points = None  # what was dear may be cheap by now
    try:
        reason = _run_into(world, again, max_rows)
    except JiraInvalidError as error:
        _assert_lost(world, again, error)
        return
    most = len(world.expected) if max_rows is None else max_rows
    assert again.items()[:most] == world.expected[:most]
    assert reason == ("maxRows" if len(world.expected) > most else None)
    assert set(world.jira.delivered) & kept <= known


def test_a_run_that_goes_on_counts_what_is_left():
    """Of each open slice; it makes no new plan, though ids could be listed by now, and asks for the oldest once."""
    chance = random.Random(7)  # noqa: S311 - test data
    issues = history(chance, 600, YEAR_MINUTES, busy=False)
    world = World(FakeJira(issues, page_size=10, max_in_flight=6, hourly_points=1), "type = Bug", chance)
    disk = _Disk(calls=20)
    with pytest.raises(_KilledError):
        _run_into(world, disk)
    still_open = [part for part in disk.parts() if not part.done]
    assert len(still_open) > 2
    world.jira.asked.clear()
    world.jira.hourly_points = None
    again = _Disk(disk)
    assert _run_into(world, again) is None
    assert again.items() == world.expected
    assert not world.jira.requests(BULK_FETCH_ISSUES)
    assert sum(body["maxResults"] == 1 for body in world.jira.requests(SEARCH_ISSUES)) == 1
    assert len(world.jira.requests(COUNT_ISSUES)) >= len(still_open)


@pytest.mark.parametrize(("more", "reason"), [(0, None), (1, "maxRows")])
def test_a_slice_that_was_never_read_is_looked_at_before_rows_are_called_all(more, reason):
    """They are as many as wanted; whether there are more is known only once a page of what is behind them has come."""
    chance = random.Random(1)  # noqa: S311 - test data
    issues = [Made(number, (MINUTE + 50 - number) * _MINUTE_MILLISECONDS) for number in range(1, 21 + more)]
    world = World(FakeJira(issues, max_in_flight=1), "type = Bug", chance)
    near, far = (
        SlicePart(position=position, part=part, by_created=True, newest_first=True)
        for position, part in (((0,), Slice(MINUTE + 30, None)), ((0, -1), Slice(None, MINUTE + 30)))
    )
    disk = _Disk()
    disk.planned([near.state, far.state])
    again = _Disk(disk)
    assert _run_into(world, again, 20) == reason
    assert again.items()[:20] == world.expected[:20]
