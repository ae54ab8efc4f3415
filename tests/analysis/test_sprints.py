from __future__ import annotations

import pytest

from tests.analysis.sprint_stories import FIELDS, POINTS, SPRINT, field, sprint, work
from tests.analysis.stories import at
from vantage_jira_plugin.analysis.history import issue_history
from vantage_jira_plugin.analysis.sprints import SprintFields, by_sprint, sprints_of, work_of

_ONE = sprint(1, "closed", "2026-01-05 09:00", "2026-01-16 17:00", "2026-01-16 16:00")
_TWO = sprint(2, "active", "2026-01-19 09:00", "2026-01-30 17:00")


def test_fields_are_found_by_type_and_the_estimate_also_by_name():
    """Both kinds of story points are taken; a text that is called so is not."""
    estimate = field(10016, "Story point estimate", "number", "com.pyxis.greenhopper.jira:jsw-story-points")
    translated = field(10017, "Punkte", "number", "com.pyxis.greenhopper.jira:jsw-story-points")
    found = SprintFields.among([SPRINT, POINTS, estimate, translated, field(1, "Story Points", "string")])
    assert found.sprint == (SPRINT,)
    assert found.points == (POINTS, estimate, translated)
    assert found.lacking() == []


def test_a_site_without_such_fields_says_so():
    """Without sprints there is nothing to report, without estimates issues are counted."""
    assert "no sprints" in SprintFields.among([]).lacking()[0]
    assert "no field for story points" in SprintFields.among([SPRINT]).lacking()[0]


def test_sprints_are_read():
    """A sprint's dates are moments, and None where it has none; what is no sprint is passed over."""
    values = {SPRINT.id: [_ONE, sprint(3, "future"), "old text", {"name": "no id"}]}
    one, three = sprints_of(values, FIELDS)
    assert (one.id, one.name, one.state, one.board_id, one.goal) == ("1", "Sprint 1", "closed", "2", "Ship it")
    assert (one.start_at, one.end_at) == (at("2026-01-05 09:00"), at("2026-01-16 17:00"))
    assert (three.start_at, three.completed_at) == (None, None)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (_ONE, "2026-01-16 16:00"),
        (sprint(1, "closed", "2026-01-05 09:00", "2026-01-16 17:00"), "2026-01-16 17:00"),
        (_TWO, "2026-02-03 00:00"),
    ],
)
def test_a_sprint_counts_until_it_was_completed(one, expected):
    """A closed one until its completion, or its planned end where that is not known; an active one until now."""
    (read,) = sprints_of({SPRINT.id: [one]}, FIELDS)
    assert read.ended_at(at("2026-02-03 00:00")) == at(expected)


def test_what_an_issue_was_at_a_moment():
    """Sprints and estimates come from changes, and before the first change from what that one says was before."""
    one = work(
        "A-1",
        "2026-01-02 09:00",
        ("2026-01-06 09:00", "points", "3", "5"),
        ("2026-01-07 09:00", "sprint", "1", "1, 2"),
        ("2026-01-08 09:00", "points", "5", ""),
        sprints=(_ONE, _TWO),
    )
    assert one.sprint_ids == {"1", "2"}
    assert [one.is_in("1", at(f"2026-01-0{day} 12:00")) for day in (1, 2, 7)] == [False, True, True]
    assert [one.is_in("2", at(f"2026-01-0{day} 12:00")) for day in (6, 7)] == [False, True]
    assert [one.points_at(at(f"2026-01-0{day} 12:00")) for day in (5, 6, 8)] == [3, 5, 0]


def test_without_changes_it_was_always_what_it_is():
    """A clone has the estimate and the sprint it was made with."""
    one = work("A-1", "2026-01-06 09:00", sprints=(_ONE,), points=8)
    assert one.points_at(at("2026-01-06 09:00")) == 8
    assert one.is_in("1", at("2026-01-06 09:00"))


def test_several_estimates_are_taken_in_order():
    """The first field that has a value at the moment counts."""
    other = field(10016, "Story point estimate", "number")
    issue = {"id": "1", "key": "A-1", "fields": {"created": "2026-01-05T09:00:00.000+0000", other.id: 2.0}}
    one = work_of(issue_history(issue, [], {}), SprintFields.among([POINTS, other]))
    assert one.points_at(at("2026-01-06 09:00")) == 2


def test_issues_are_found_by_every_sprint_that_they_were_in():
    """Also by one that they left."""
    left = work("A-1", "2026-01-02 09:00", ("2026-01-07 09:00", "sprint", "1, 2", "2"), sprints=(_TWO,))
    stayed = work("A-2", "2026-01-02 09:00", sprints=(_TWO,))
    assert by_sprint([left, stayed]) == {"1": [left], "2": [left, stayed]}
