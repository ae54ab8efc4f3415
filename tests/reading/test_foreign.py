from __future__ import annotations

from vantage_jira_plugin.reading.foreign import confined_issue

_OWN = {"id": "1", "key": "DEV-1", "self": "https://x/1", "fields": {"summary": "ours", "status": {"name": "Done"}}}
_FOREIGN = {"id": "9", "key": "HR-9", "self": "https://x/9", "fields": {"summary": "theirs", "status": {}}}
_BARE = {"id": "9", "key": "HR-9"}


def _allowed(project_key):
    return project_key == "DEV"


def test_of_issues_elsewhere_key_and_id_are_left():
    """Parents, sub-tasks and both ends of links: what they are about is not told."""
    fields = {
        "summary": "a bug",
        "parent": _FOREIGN,
        "subtasks": [_OWN, _FOREIGN],
        "issuelinks": [{"id": "5", "outwardIssue": _FOREIGN}, {"id": "6", "inwardIssue": _OWN}],
    }
    told = confined_issue({"id": "2", "key": "DEV-2", "fields": fields}, _allowed)

    assert told["fields"] == {
        "summary": "a bug",
        "parent": _BARE,
        "subtasks": [_OWN, _BARE],
        "issuelinks": [{"id": "5", "outwardIssue": _BARE}, {"id": "6", "inwardIssue": _OWN}],
    }
    assert fields["parent"] is _FOREIGN, "Jira's own is left as it is"


def test_what_holds_no_other_issue_is_left_alone():
    """An issue without fields, without these, or with something else in them."""
    assert confined_issue({"id": "2", "key": "DEV-2"}, _allowed) == {"id": "2", "key": "DEV-2"}
    odd = {"id": "2", "fields": {"parent": None, "subtasks": None, "issuelinks": "many"}}
    assert confined_issue(odd, _allowed) == odd


def test_an_issue_without_a_key_is_not_told():
    """Nobody knows where it is."""
    told = confined_issue({"id": "2", "fields": {"parent": {"id": "9", "fields": {"summary": "theirs"}}}}, _allowed)

    assert told["fields"] == {"parent": {"id": "9"}}
