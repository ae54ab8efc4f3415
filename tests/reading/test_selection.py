from __future__ import annotations

import pytest
from hypothesis import given

from tests.reading.strategies import texts
from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.fields.names import FieldCatalogue
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS
from vantage_jira_plugin.reading.selection import parse_fields, select_fields

_CATALOGUE = FieldCatalogue.from_json(
    [
        {"id": "customfield_10001", "key": "customfield_10001", "name": "Team", "custom": True},
        {"id": "comment", "key": "comment", "name": "Comment", "custom": False, "navigable": False},
        {"id": "status", "key": "status", "name": "Status", "custom": False},
        {"id": "summary", "key": "summary", "name": "Summary", "custom": False},
        {"id": "issuekey", "key": "issuekey", "name": "Key", "custom": False},
    ]
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("summary, status", ("summary", "status")),
        ("summary\nstatus,,summary ,", ("summary", "status")),
        ('"Steps, expected" , Story Points', ("Steps, expected", "Story Points")),
        ('"a ""b"" c"', ('a "b" c',)),
        ('5" pipe', ('5" pipe',)),
        (["summary", " status ", "", "summary"], ("summary", "status")),
        (("Steps, expected",), ("Steps, expected",)),
        ("", DEFAULT_ISSUE_FIELDS),
        (" , ", DEFAULT_ISSUE_FIELDS),
        ([], DEFAULT_ISSUE_FIELDS),
        (["  "], DEFAULT_ISSUE_FIELDS),
    ],
)
def test_field_names_are_read_from_text_or_list(value, expected):
    """A person's list and a program's list mean the same; nothing means the default fields."""
    assert parse_fields(value) == expected


@pytest.mark.parametrize("value", [["summary", 3], [None], [["summary"]]])
def test_a_name_that_is_no_text_is_refused(value):
    """A number is no field name."""
    with pytest.raises(InputError) as refused:
        parse_fields(value)
    assert list(refused.value.errors) == ["fields"]


@given(texts)
def test_any_text_is_read(value):
    """Whatever is typed, names are trimmed, not empty and each there once."""
    names = parse_fields(value)
    assert names
    assert all(name and name == name.strip() for name in names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("wanted", "fields", "request_fields"),
    [
        (("status", "Summary", "STATUS"), ["status", "summary"], ("status", "summary")),
        (("Team",), ["customfield_10001"], ("customfield_10001",)),
        (("id", "key", "url"), [], ("key",)),
        (("issuekey", "Key", "status"), ["issuekey", "status"], ("key", "status")),
        (("status", "summary", "-Status"), ["summary"], ("summary",)),
        (("*all",), ["summary", "status", "comment", "customfield_10001"], ("*all",)),
        (("*navigable",), ["summary", "status", "customfield_10001"], ("*navigable",)),
        (
            ("*navigable", "comment", "-team"),
            ["summary", "status", "comment"],
            ("*navigable", "comment", "-customfield_10001"),
        ),
        (
            ("-summary",),
            ["status", "customfield_10001"],
            ("*navigable", "-summary"),
        ),
        (
            ("*all", "comment", "-comment"),
            ["summary", "status", "customfield_10001"],
            ("*all", "-comment"),
        ),
    ],
)
def test_names_wildcards_and_exclusions_select_fields(wanted, fields, request_fields):
    """What is shown and what Jira is asked for agree."""
    selection = select_fields(wanted, _CATALOGUE)
    assert [field.id for field in selection.fields] == fields
    assert selection.request_fields == request_fields


def test_system_fields_need_no_catalogue():
    """The default table can be planned without asking the site."""
    assert select_fields((), None).request_fields == DEFAULT_ISSUE_FIELDS


@pytest.mark.parametrize("wanted", [("Team",), ("*all",), ("-summary",), ("status", "-status")])
def test_what_cannot_be_understood_is_refused(wanted):
    """Without the site's fields nothing is guessed, and an empty choice is no table."""
    with pytest.raises(InputError) as refused:
        select_fields(wanted, None)
    assert list(refused.value.errors) == ["fields"]
