"""When work on an issue began and ended."""

from __future__ import annotations

import pytest

from tests.analysis.stories import at, story
from vantage_jira_plugin.analysis.work import BY_CATEGORY, Boundaries, Work, work

_DAYS = {
    "plain": ("2026-01-05 To Do", "2026-01-06 In Progress", "2026-01-07 Review", "2026-01-08 Done"),
    "not finished": ("2026-01-05 To Do", "2026-01-06 In Progress"),
    "never started": ("2026-01-05 To Do",),
    "straight to done": ("2026-01-05 To Do", "2026-01-08 Done"),
    "created done": ("2026-01-05 Done",),
    "created under way": ("2026-01-05 In Progress", "2026-01-06 Done"),
    "put back": ("2026-01-05 To Do", "2026-01-06 In Progress", "2026-01-07 To Do", "2026-01-08 In Progress"),
    "closed after done": ("2026-01-05 To Do", "2026-01-06 In Progress", "2026-01-07 Done", "2026-01-09 Closed"),
    "reopened": ("2026-01-05 To Do", "2026-01-06 In Progress", "2026-01-07 Done", "2026-01-09 In Progress"),
    "done again": (
        "2026-01-05 To Do",
        "2026-01-06 In Progress",
        "2026-01-07 Done",
        "2026-01-09 To Do",
        "2026-01-10 Done",
    ),
    "reopened after going straight": (
        "2026-01-05 To Do",
        "2026-01-07 Done",
        "2026-01-08 In Progress",
        "2026-01-09 Done",
    ),
}


def _issue(name):
    return story("DEV-1", *(f"{step[:10]} 00:00 {step[11:]}" for step in _DAYS[name]))


def _days(course):
    """Return the days of January on which work began and ended."""
    first = at("2026-01-01 00:00")
    return tuple(
        None if moment is None else int((moment - first) / 86_400) + 1
        for moment in (course.started_at, course.finished_at)
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", (6, 8)),
        ("not finished", (6, None)),
        ("never started", (None, None)),
        ("straight to done", (None, 8)),
        ("created done", (None, 5)),
        ("created under way", (5, 6)),
        ("put back", (6, None)),
        ("closed after done", (6, 7)),
        ("reopened", (6, None)),
        ("done again", (6, 10)),
        ("reopened after going straight", (8, 9)),
    ],
)
def test_by_status_category(name, expected):
    """From the first status in progress to the last way into done; see each story."""
    assert _days(work(_issue(name))) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (["Review"], [], (7, 8)),
        (["review"], ["DONE"], (7, 8)),
        (["4"], ["5"], (7, 8)),  # ids
        ([], ["Review", "Done"], (6, 7)),
        ([], ["Closed"], (6, None)),
        (["Closed"], [], (None, 8)),
        (["To Do"], ["Done"], (5, 8)),
        (["Done"], ["Done"], (None, 8)),
    ],
)
def test_by_statuses_of_the_site(start, end, expected):
    """Named statuses, by name in any case or by id, stand for the categories."""
    assert _days(work(_issue("plain"), Boundaries.of(start, end))) == expected


def test_a_beginning_after_the_end_is_none():
    """An issue that moves on among finished statuses did not begin there."""
    boundaries = Boundaries.of(["Closed"], ["Done", "Closed"])
    assert _days(work(_issue("closed after done"), boundaries)) == (None, 7)


def test_a_beginning_at_the_moment_of_the_end_is_none():
    """What a rule moved on at once, or was imported done, took nobody knows how long: not no time."""
    at_once = story("A-1", "2026-01-05 09:00 To Do", "2026-01-08 09:00 In Progress", "2026-01-08 09:00 Done")
    assert work(at_once) == Work(None, at("2026-01-08 09:00"))
    again = story("A-1", "2026-01-05 09:00 In Progress", "2026-01-08 09:00 Review", "2026-01-08 09:00 Done")
    assert work(again) == Work(at("2026-01-05 09:00"), at("2026-01-08 09:00"))


def test_cycle_time_needs_both_ends():
    """Two days from the 6th to the 8th; none where one end is missing."""
    assert work(_issue("plain"), BY_CATEGORY).cycle_seconds == 2 * 86_400
    assert [Work(None, 1.0).cycle_seconds, Work(1.0, None).cycle_seconds] == [None, None]
