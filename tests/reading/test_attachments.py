from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.attachments import ATTACHMENT_COLUMNS, attachment_row

_NAMES = [column["name"] for column in ATTACHMENT_COLUMNS]
_JIRA_NAMES = [*_NAMES, "filename", "size", "content", "thumbnail"]
_SITE = "https://example.atlassian.net"


def test_an_attachment_reads_as_people_see_it():
    """The example of Atlassian's OpenAPI file, whose moment is a number."""
    row = attachment_row(
        {
            "author": {"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof"},
            "content": "https://your-domain.atlassian.net/rest/api/3/attachment/content/10000",
            "created": 1651316514000,
            "filename": "picture.jpg",
            "id": "10001",
            "mimeType": "image/jpeg",
            "size": 23123,
        },
        "DEV-1",
        _SITE,
    )
    assert row == {
        "id": "10001",
        "issueKey": "DEV-1",
        "url": f"{_SITE}/browse/DEV-1",
        "fileName": "picture.jpg",
        "sizeBytes": 23123,
        "mimeType": "image/jpeg",
        "author": "Mia Krystof",
        "authorAccountId": "5b10a2844c20165700ede21g",
        "created": "2022-04-30T11:01:54.000Z",
    }
    assert list(row) == _NAMES


@given(st.dictionaries(st.sampled_from(_JIRA_NAMES), json_values()))
def test_any_attachment_is_a_flat_row(attachment):
    """Whatever Jira sends, the row has exactly the declared columns."""
    row = attachment_row(attachment, "DEV-1", _SITE)
    assert list(row) == _NAMES
    for column in ATTACHMENT_COLUMNS:
        kind = int if column["type"] == "integer" else str
        assert isinstance(row[column["name"]], kind | None)
