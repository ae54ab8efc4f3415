"""What became of issues that a count did not find."""

from __future__ import annotations

import pytest

from vantage_jira_plugin.syncing.census import Answer, fate_of, is_due, is_old, project_of, suspicious, told_lately

_DAY = 86_400


@pytest.mark.parametrize(
    ("answer", "project", "fate"),
    [
        (None, "live", "deleted"),
        (None, "deleted", "deleted"),
        (None, "archived", "archived"),
        (None, None, "lost"),
        (Answer("DEV-1", archived=True, matches=False), "live", "archived"),
        (Answer("OPS-1", archived=True, matches=False), "live", "archived"),
        (Answer("DEV-1", archived=False, matches=True), "live", None),
        (Answer("OPS-1", archived=False, matches=True), "live", None),
        (Answer("OPS-1", archived=False, matches=False), "live", "moved"),
        (Answer("DEV-1", archived=False, matches=False), "live", "left"),
        (Answer("DEV-1", archived=False, matches=False), "archived", "archived"),
        (Answer("DEV-1", archived=False, matches=False), None, "left"),
    ],
)
def test_fates_are_told_apart(answer, project, fate):
    """What Jira answers of an issue and of its project says what became of it."""
    assert fate_of("DEV-1", answer, project) == fate


@pytest.mark.parametrize(
    ("every", "seconds", "due"),
    [
        ("never", 10**9, False),
        ("always", 0, True),
        ("daily", _DAY - 1, False),
        ("daily", _DAY, True),
        ("daily", -60, False),
        ("daily", -_DAY, True),
        ("weekly", 7 * _DAY - 1, False),
        ("weekly", 7 * _DAY, True),
    ],
)
def test_a_count_is_due_after_its_period(every, seconds, due):
    """A count is due once its period is over, never where it is never wanted; a clock that was ahead is no reason."""
    assert is_due(every, 10.0 * _DAY, 10.0 * _DAY + seconds) is due


@pytest.mark.parametrize(("seconds", "old"), [(_DAY - 1, False), (_DAY, True), (-60, False), (-_DAY, True)])
def test_a_count_is_old_after_a_day(seconds, old):
    """What it left open was told lately until then."""
    began_at = 10.0 * _DAY
    assert is_old(began_at, began_at + seconds) is old
    assert told_lately("x", began_at, began_at + seconds) == (None if old else "x")


def test_more_than_half_is_suspicious():
    """Half of the issues may be gone at once; more than that is not believed."""
    assert not suspicious(range(5), 10)
    assert suspicious(range(6), 10)
    assert not suspicious((), 0)


def test_the_project_of_a_key():
    """A key begins with its project."""
    assert project_of("DEV-12") == "DEV"
