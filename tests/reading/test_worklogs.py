from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.worklogs import WORKLOG_COLUMNS, worklog_row

_NAMES = [column["name"] for column in WORKLOG_COLUMNS]
_SITE = "https://example.atlassian.net"


@needs_recordings
def test_a_recorded_worklog_reads_as_people_see_it():
    """Moments are UTC, the comment is markdown, and what Jira leaves out is empty."""
    worklog = recorded("cloud-v3/airbyteio-issue_worklogs.json")["worklogs"][0]
    row = worklog_row({**worklog, "created": "2021-01-18T23:45:00.000+0200"}, "DEV-1", _SITE)
    assert row == {
        "id": "100028",
        "issueKey": "DEV-1",
        "url": f"{_SITE}/browse/DEV-1?focusedWorklogId=100028",
        "author": "Mia Krystof",
        "authorAccountId": "5b10a2844c20165700ede21g",
        "started": "2021-01-17T12:34:00.000Z",
        "timeSpent": "3h 20m",
        "timeSpentSeconds": 12_000,
        "comment": "I did some work here.",
        "created": "2021-01-18T21:45:00.000Z",
        "updated": "2021-01-18T23:45:00.000Z",
    }
    assert list(row) == _NAMES
    assert worklog_row({"id": "1"}, "DEV-1", None)["url"] is None


@given(st.dictionaries(st.sampled_from(_NAMES), json_values()))
def test_any_worklog_is_a_flat_row(worklog):
    """Whatever Jira sends, the row has exactly the declared columns."""
    row = worklog_row(worklog, "DEV-1", _SITE)
    assert list(row) == _NAMES
    for column in WORKLOG_COLUMNS:
        kind = int if column["type"] == "integer" else str
        assert isinstance(row[column["name"]], kind | None)
