from __future__ import annotations

from hypothesis import given

from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.links import LINK_COLUMNS, link_row, links_of

_SITE = "https://example.atlassian.net"
_TYPE = {"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}


def _issue(number, *links):
    fields = {"summary": f"Issue {number}", "status": {"name": "Open"}}
    issue = {"id": str(10_000 + number), "key": f"DEV-{number}", "fields": fields}
    return {**issue, "fields": {**fields, "issuelinks": list(links)}} if links else issue


def _rows(issue, allowed=("DEV",)):
    return [link_row(link, issue, _SITE) for link in links_of(issue, lambda project: project in allowed)]


def test_a_link_is_the_same_row_from_both_ends():
    """The issue that blocks is the source, whichever of the two was found."""
    of_source = _rows(_issue(1, {"id": "7", "type": _TYPE, "outwardIssue": _issue(2)}))
    of_target = _rows(_issue(2, {"id": "7", "type": _TYPE, "inwardIssue": _issue(1)}))
    assert of_source == of_target
    assert of_source == [
        {
            "id": "7",
            "type": "Blocks",
            "typeId": "10000",
            "phrase": "blocks",
            "sourceId": "10001",
            "sourceKey": "DEV-1",
            "sourceUrl": f"{_SITE}/browse/DEV-1",
            "sourceSummary": "Issue 1",
            "sourceStatus": "Open",
            "targetId": "10002",
            "targetKey": "DEV-2",
            "targetUrl": f"{_SITE}/browse/DEV-2",
            "targetSummary": "Issue 2",
            "targetStatus": "Open",
        }
    ]
    assert list(of_source[0]) == [column["name"] for column in LINK_COLUMNS]


def test_an_issue_of_another_project_is_named_and_not_told():
    """Where it may not be touched, its key is all that is said."""
    other = {**_issue(9), "key": "SEC-9"}
    (row,) = _rows(_issue(1, {"id": "7", "type": _TYPE, "outwardIssue": other}))
    assert (row["targetKey"], row["targetSummary"], row["targetStatus"]) == ("SEC-9", None, None)
    assert (row["sourceSummary"], row["sourceStatus"]) == ("Issue 1", "Open")


def test_an_issue_without_links_has_no_rows():
    """Neither an empty list nor a missing field is a link."""
    assert _rows(_issue(1)) == _rows({"id": "1"}) == _rows({"fields": {"issuelinks": [None]}}) == []


@given(json_values("issuelinks", "outwardIssue", "inwardIssue", "type", "summary"))
def test_any_link_is_a_row_of_the_declared_columns(value):
    """Whatever Jira answers, cells are flat."""
    for row in _rows({"id": "1", "key": "DEV-1", "fields": {"issuelinks": [value, {"id": "1", "inwardIssue": value}]}}):
        assert list(row) == [column["name"] for column in LINK_COLUMNS]
        assert all(cell is None or isinstance(cell, str) for cell in row.values())
