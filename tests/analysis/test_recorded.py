"""Real changelogs, of the public site that the tool jirametrics was made with; numbers worked out by hand."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.analysis.stories import at
from tests.reading.recorded import needs_recordings, recorded
from vantage_jira_plugin.analysis.aging_work import aging_rows
from vantage_jira_plugin.analysis.calendar import WorkCalendar
from vantage_jira_plugin.analysis.cycle_time import cycle_rows, finished
from vantage_jira_plugin.analysis.history import issue_history
from vantage_jira_plugin.analysis.moments import iso
from vantage_jira_plugin.analysis.time_in_status import status_rows, status_times
from vantage_jira_plugin.analysis.work import BY_CATEGORY, Boundaries, work

pytestmark = needs_recordings

_ALWAYS = WorkCalendar(ZoneInfo("UTC"))
_NOW = at("2022-05-01 00:00")
#: An earlier and a later state of the same site.
_EARLIER_NAMES = [f"sample-SP-{number}" for number in (1, 2, 5, 7, 8, 11)]
_LATER_NAMES = ["SP-1", "SP-2", "SP-10", "SP-13", "SP-14", "SP-15"]


def _history(name):
    issue = recorded(f"cloud-v2/jirametrics-{name}.json")
    statuses = recorded("cloud-v2/jirametrics-sample_statuses.json")
    categories = {status["id"]: status["statusCategory"]["key"] for status in statuses}
    return issue_history(issue, issue["changelog"]["histories"], categories)


def _course(name, boundaries=BY_CATEGORY):
    course = work(_history(name), boundaries)
    return iso(course.started_at), iso(course.finished_at)


@pytest.mark.parametrize("name", [*_EARLIER_NAMES, *_LATER_NAMES])
def test_the_statuses_of_every_issue_add_up_to_its_age(name):
    """The seconds of all statuses are those since the issue was created, and its last status is the present one."""
    history = _history(name)
    times = list(status_times(history, _ALWAYS, _NOW))
    assert sum(time.seconds for time in times) == pytest.approx(_NOW - history.created_at)
    assert history.current.status == history.fields["status"]["name"]


def test_an_issue_that_was_reopened():
    """SP-5: from its first move to Selected until it was done the second time.

    Created 06-18 18:41:58.333, Selected (in progress, on this site) 06-23 12:44:38.197, In Progress 08-29 18:04:49.188,
    Review 09-06 04:34:11.432, Done 04:34:14.358, back in Selected 10-11 12:48:42.419, In Progress 12:49:04.096, Done
    12:49:07.261.
    """
    assert _course("sample-SP-5") == ("2021-06-23T12:44:38.197Z", "2021-10-11T12:49:07.261Z")
    (row,) = cycle_rows(finished([_history("sample-SP-5")], BY_CATEGORY), _ALWAYS, None)
    # 06-18 to 10-11 are 12 + 31 + 31 + 30 + 11 = 115 days, less 5:52:51.072: 114 days and 65,228.928 s.
    assert row["leadTimeDays"] == 114.755
    # 06-23 to 10-11 are 7 + 31 + 31 + 30 + 11 = 110 days, and 4:29.064.
    assert row["cycleTimeDays"] == 110.0031
    # From In Progress on: 08-29 to 10-11 are 43 days, less 5:15:41.927: 42 days and 67,458.073 s.
    (row,) = cycle_rows(finished([_history("sample-SP-5")], Boundaries.of(["In Progress"], [])), _ALWAYS, None)
    assert row["cycleTimeDays"] == 42.7808


def test_the_times_in_each_status_of_the_reopened_issue():
    """SP-5, each visit from the moments above."""
    rows = status_rows([_history("sample-SP-5")], _ALWAYS, at("2021-10-12 00:00"), None)
    assert [(row["status"], row["visits"], row["seconds"]) for row in rows] == [
        ("Backlog", 1, 410_559.864),  # 4 days and 18:02:39.864
        ("Selected for Development", 2, 5_808_032.668),  # 67 days and 5:20:10.991, then 21.677 s
        ("In Progress", 2, 642_565.409),  # 7 days and 10:29:22.244, then 3.165 s
        ("Review", 1, 2.926),
        # 35 days and 8:14:28.061 are 3,053,668.061; from 12:49:07.261 to midnight are 40,252.739.
        ("Done", 2, 3_093_920.8),
    ]


def test_an_issue_that_was_put_back():
    """SP-10: Selected 08-29 18:06:28.717, In Progress, Selected, In Progress, Review, Done 09-06 04:34:26.239."""
    assert _course("SP-10") == ("2021-08-29T18:06:28.717Z", "2021-09-06T04:34:26.239Z")
    (row,) = cycle_rows(finished([_history("SP-10")], BY_CATEGORY), _ALWAYS, None)
    # 8 days less 13:32:02.478 are 7 days and 37,677.522 s.
    assert row["cycleTimeDays"] == 7.4361
    # Created 06-18 18:42:52.754: 80 days less 14:08:26.515 are 79 days and 35,493.485 s.
    assert row["leadTimeDays"] == 79.4108


def test_an_issue_of_twenty_minutes():
    """SP-13: Selected on 2022-04-19 at 01:31:30.710, Done at 01:53:42.206, created ten months before."""
    (row,) = cycle_rows(finished([_history("SP-13")], BY_CATEGORY), _ALWAYS, None)
    # 22:11.496 are 1,331.496 s, or 0.36986 hours.
    assert (row["cycleTimeDays"], row["cycleTimeWorkingHours"]) == (0.0154, 0.3699)
    # Created 2021-06-18 18:43:15.837: 305 days less 16:49:33.631 are 304 days and 25,826.369 s.
    assert row["leadTimeDays"] == 304.2989
    # Counted from In Progress, which it never was in, it has no cycle time.
    assert _course("SP-13", Boundaries.of(["In Progress"], []))[0] is None


def test_work_in_progress_of_the_later_state():
    """SP-1, 2, 15 are under way; SP-14 took 1,294.387 s, SP-13 1,331.496 s, SP-10 642,477.522 s."""
    issues = [_history(name) for name in _LATER_NAMES]
    rows = list(aging_rows(issues, finished(issues, BY_CATEGORY), BY_CATEGORY, _ALWAYS, now=_NOW, site_url=None))
    assert [row["key"] for row in rows] == ["SP-1", "SP-2", "SP-15"]
    first = rows[0]
    # Selected 2021-06-18 18:43:34.818, In Progress 18:44:21.050: 317 days to 2022-05-01, less that time of day.
    assert (first["ageDays"], first["daysInStatus"]) == (316.2197, 316.2192)
    # The half is the middle one; 85 % lie at place 1.7: 1,331.496 + 0.7 * 641,146.026 = 450,133.714 s.
    assert (first["p50CycleTimeDays"], first["p85CycleTimeDays"], first["risk"]) == (0.0154, 5.2099, "late")
