from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.projects import PROJECT_COLUMNS, project_row

_NAMES = [column["name"] for column in PROJECT_COLUMNS]


def test_a_project_reads_as_people_see_it():
    """Lead and category are names; a project that is archived says so."""
    row = project_row(
        {
            "id": "10000",
            "key": "DEV",
            "name": "Development",
            "description": "What we build",
            "projectTypeKey": "software",
            "style": "classic",
            "lead": {"accountId": "5b10", "displayName": "Ann Lee"},
            "projectCategory": {"id": "1", "name": "Products"},
            "archived": True,
            "isPrivate": False,
        },
        "https://example.atlassian.net",
    )
    assert row == {
        "id": "10000",
        "key": "DEV",
        "url": "https://example.atlassian.net/browse/DEV",
        "name": "Development",
        "projectTypeKey": "software",
        "style": "classic",
        "lead": "Ann Lee",
        "leadAccountId": "5b10",
        "category": "Products",
        "archived": True,
        "private": False,
        "description": "What we build",
    }
    assert list(row) == _NAMES


@needs_recordings
def test_a_recorded_project_is_a_row():
    """A live team-managed project, without lead and category."""
    (project,) = recorded("cloud-v3-oauth-gateway/nango-projects.json")[0]["body"]["values"]
    row = project_row(project, None)
    assert (row["key"], row["style"], row["archived"], row["private"]) == ("KAN", "next-gen", False, False)
    assert (row["url"], row["lead"], row["category"], row["description"]) == (None, None, None, None)


@given(st.dictionaries(st.sampled_from([*_NAMES, "isPrivate", "projectCategory"]), json_values()))
def test_any_project_is_a_flat_row(project):
    """Whatever Jira sends, the row has exactly the declared columns."""
    row = project_row(project, "https://example.atlassian.net")
    assert list(row) == _NAMES
    for column in PROJECT_COLUMNS:
        kind = bool if column["type"] == "boolean" else str
        assert isinstance(row[column["name"]], kind | None)
