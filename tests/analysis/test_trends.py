from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.drawn import marks
from tests.analysis.recorded import recorded_issues
from tests.analysis.stories import STATUSES, at, story
from vantage_jira_plugin.analysis.groups import NO_VALUE
from vantage_jira_plugin.analysis.intervals import intervals
from vantage_jira_plugin.analysis.trends import TREND_COLUMNS, issue_trends, trend_chart

_UTC = ZoneInfo("UTC")
_NOW = at("2026-01-20 12:00")
#: Four weeks from Monday 2026-01-05 on are asked for; the last one is running.
_WEEKS = list(intervals("week", date(2026, 1, 5), date(2026, 1, 20), _UTC))

#: What happened, by hand:
#:   A-1 created 5 Jan, done 7 Jan (resolved 7 Jan).
#:   A-2 created 6 Jan, done 13 Jan, reopened 14 Jan; its resolution is gone.
#:   A-3 created 15 Jan, straight to done on the same day.
#:   A-4 created 1 Jan, before the first week; never done.
_ISSUES = (
    story(
        "A-1",
        "2026-01-05 09:00 To Do",
        "2026-01-07 09:00 Done",
        resolutiondate="2026-01-07T09:00:00.000+0000",
        components=[{"name": "API"}, {"name": "UI"}],
    ),
    story("A-2", "2026-01-06 09:00 To Do", "2026-01-13 09:00 Done", "2026-01-14 09:00 In Progress"),
    story(
        "A-3",
        "2026-01-15 09:00 To Do",
        "2026-01-15 10:00 Done",
        resolutiondate="2026-01-15T10:00:00.000+0000",
        components=[{"name": "UI"}],
    ),
    story("A-4", "2026-01-01 09:00 To Do"),
)


def _table(resolved_by, grouping=None, issues=_ISSUES, spans=_WEEKS):
    rows = list(issue_trends(issues, spans, now=_NOW, grouping=grouping, resolved_by=resolved_by))
    assert all(list(row) == [column["name"] for column in TREND_COLUMNS] for row in rows)
    return rows


def _numbers(rows):
    return [tuple(row[name] for name in ("created", "resolved", "reopened", "net", "open")) for row in rows]


def test_by_resolution():
    """A resolution date counts once; what was reopened and has none was never resolved."""
    rows = _table("resolution")
    assert [(row["start"], row["end"], row["over"]) for row in rows] == [
        ("2026-01-05", "2026-01-11", True),
        ("2026-01-12", "2026-01-18", True),
        ("2026-01-19", "2026-01-25", False),
    ]
    # 1st week: created, A-1 resolved; open are, which is older than the table.
    # 2nd week: A-3 created and resolved. 3rd week: nothing.
    assert _numbers(rows) == [(2, 1, 0, 1, 2), (1, 1, 0, 0, 2), (0, 0, 0, 0, 2)]


def test_by_status_category():
    """Each way into done resolves, each way out of it reopens."""
    # 2nd week: A-2 was done on the 13th and reopened on the 14th, A-3 created and done.
    assert _numbers(_table("statusCategory")) == [(2, 1, 0, 1, 2), (1, 2, 1, 0, 2), (0, 0, 0, 0, 2)]


def test_groups_have_rows_for_nothing():
    """Each group has a row in each interval; of two components an issue counts in both, without one in none."""
    rows = _table("resolution", "component")
    assert [row["group"] for row in rows] == [NO_VALUE, "API", "UI"] * 3
    assert _numbers(rows)[:3] == [(1, 0, 0, 1, 2), (1, 1, 0, 0, 0), (1, 1, 0, 0, 0)]


def test_no_issue_is_a_table_of_zeros():
    """Without a grouping there is one row per interval, also where nothing was found; with one there is none."""
    assert _numbers(_table("resolution", issues=())) == [(0, 0, 0, 0, 0)] * 3
    assert _table("resolution", "project", issues=()) == []


def test_what_was_resolved_before_it_was_created_is_so_at_once():
    """An import may have a resolution older than its issue: open issues never become fewer than none."""
    imported = story("A-9", "2026-01-13 09:00 Done", resolutiondate="2025-06-01T00:00:00.000+0000")
    for resolved_by in ("resolution", "statusCategory"):
        assert _numbers(_table(resolved_by, issues=[imported])) == [(0, 0, 0, 0, 0), (1, 1, 0, 0, 0), (0, 0, 0, 0, 0)]


def test_from_done_to_closed_is_nothing():
    """A move within a category neither resolves nor reopens."""
    closed = story("A-8", "2026-01-05 09:00 To Do", "2026-01-06 09:00 Done", "2026-01-13 09:00 Closed")
    assert _numbers(_table("statusCategory", issues=[closed])) == [(1, 1, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)]


def test_the_running_interval_is_no_fall():
    """What came in an interval that is not over is drawn only where there is no other; open issues always are."""
    rows = _table("resolution")
    assert [row["over"] for row in rows] == [True, True, False]
    assert len(marks(trend_chart(None), rows, "symbol")) == 2 * 2 + 3
    assert len(marks(trend_chart(None), rows[2:], "symbol")) == 2 + 1


_STEPS = st.lists(st.tuples(st.integers(1, 19), st.sampled_from(sorted(STATUSES))), min_size=1, max_size=6)


@given(st.lists(_STEPS, max_size=6), st.sampled_from(["day", "week", "month"]))
def test_open_is_the_sum_of_net(histories, kind):
    """Whatever happened, open issues change by net, are those not done at the end, and never less than none."""
    issues = []
    for number, steps in enumerate(histories, start=1):
        texts = [f"2026-01-{day:02} {9 + place:02}:00 {name}" for place, (day, name) in enumerate(sorted(steps))]
        issues.append(story(f"A-{number}", *texts))
    spans = list(intervals(kind, date(2026, 1, 1), date(2026, 1, 31), _UTC))
    rows = _table("statusCategory", issues=issues, spans=spans)
    assert rows[0]["open"] == rows[0]["net"]
    for before, after in pairwise(rows):
        assert after["open"] == before["open"] + after["net"] >= 0
    assert rows[-1]["open"] == sum(issue.current.category != "done" for issue in issues)


def test_real_issues(shared_jira):
    """Six recorded issues, all created on 2021-06-18, of which one was done, reopened and done again."""
    issues = recorded_issues(shared_jira, "SP-1", "SP-2", "SP-5", "SP-7", "SP-8", "SP-11", sample=True)
    spans = list(intervals("month", date(2021, 6, 1), date(2021, 10, 31), _UTC))
    # SP-5 was done on 2021-09-06 at 04:34, reopened on 2021-10-11 at 12:48:42, and done again 25 seconds later, which
    # is the resolution date that it has.
    assert _numbers(_table("statusCategory", issues=issues, spans=spans)) == [
        (6, 0, 0, 6, 6),
        (0, 0, 0, 0, 6),
        (0, 0, 0, 0, 6),
        (0, 1, 0, -1, 5),
        (0, 1, 1, 0, 5),
    ]
    assert _numbers(_table("resolution", issues=issues, spans=spans))[3:] == [(0, 0, 0, 0, 6), (0, 1, 0, -1, 5)]
