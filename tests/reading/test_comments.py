from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.comments import COMMENT_COLUMNS, comment_row

_NAMES = [column["name"] for column in COMMENT_COLUMNS]
_SITE = "https://example.atlassian.net"


def test_a_comment_reads_as_people_see_it():
    """An internal comment of a service project tells that customers do not see it."""
    row = comment_row(
        {
            "id": "10006",
            "author": {"accountId": "5b10", "displayName": "Ann Lee"},
            "body": "Done.",
            "created": "2026-04-28T15:31:13.533+0200",
            "updated": "2026-04-28T15:31:14.000+0200",
            "jsdPublic": False,
            "visibility": {"type": "role", "value": "Administrators", "identifier": "1"},
        },
        "DEV-1",
        _SITE,
    )
    assert row == {
        "id": "10006",
        "issueKey": "DEV-1",
        "url": f"{_SITE}/browse/DEV-1?focusedCommentId=10006",
        "author": "Ann Lee",
        "authorAccountId": "5b10",
        "created": "2026-04-28T13:31:13.533Z",
        "updated": "2026-04-28T13:31:14.000Z",
        "body": "Done.",
        "public": False,
        "visibility": "Administrators",
    }
    assert list(row) == _NAMES


@needs_recordings
def test_a_recorded_comment_is_markdown():
    """A live comment of the current API is a document, and read as text."""
    row = comment_row(recorded("cloud-v3-oauth-gateway/nango-add-comment.json")[0]["body"], "KAN-10", None)
    assert row["body"].strip() == "Test comment from Nango action"
    assert row["author"] == "Nango Developer"
    assert row["url"] is None


@given(st.dictionaries(st.sampled_from([*_NAMES, "jsdPublic"]), json_values()))
def test_any_comment_is_a_flat_row(comment):
    """Whatever Jira sends, the row has exactly the declared columns."""
    row = comment_row(comment, "DEV-1", _SITE)
    assert list(row) == _NAMES
    for column in COMMENT_COLUMNS:
        kind = bool if column["type"] == "boolean" else str
        assert isinstance(row[column["name"]], kind | None)
