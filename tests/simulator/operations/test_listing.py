from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking
from vantage_jira_plugin.simulator.catalogue import Status


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_two_fields_share_a_name(ask: Asking) -> None:
    """`Team` names two custom fields of different types."""
    teams = [field for field in ask("GET", "/field").body if field["name"] == "Team"]
    assert [field["schema"]["type"] for field in teams] == ["team", "option"]


def test_some_fields_have_no_schema(ask: Asking) -> None:
    """Parent, key and images come without a schema, as in Jira."""
    without = [field["id"] for field in ask("GET", "/field").body if "schema" not in field]
    assert without == ["parent", "thumbnail", "issuekey"]


def test_catalogues(ask: Asking) -> None:
    """Types, statuses, priorities and resolutions are those of the site."""
    assert [one["hierarchyLevel"] for one in ask("GET", "/issuetype").body] == [1, 0, 0, 0, -1]
    assert [one["statusCategory"]["key"] for one in ask("GET", "/status").body] == [
        "new",
        "indeterminate",
        "indeterminate",
        "done",
        "indeterminate",
    ]
    assert ask("GET", "/priority").body[0]["name"] == "Highest"
    page = ask("GET", "/priority/search", startAt="1", maxResults="2").body
    assert ([one["name"] for one in page["values"]], page["isLast"]) == (["High", "Medium"], False)
    assert ask("GET", "/priority/search", id="3").body["values"][0]["isDefault"] is True
    assert ask("GET", "/resolution/search").body["total"] == 3


def test_the_server(ask: Asking) -> None:
    """The site says its address and time, in its own time zone."""
    body = ask("GET", "/serverInfo").body
    assert body["baseUrl"] == "https://acme.atlassian.net"
    assert body["serverTime"] == "2026-11-24T13:00:00.000+0100"


def test_a_status_of_one_project_tells_its_scope(ask: Asking) -> None:
    """A status that a project has to itself names it; the others have no scope."""
    ask.site.statuses["10900"] = Status("10900", "Doing", "indeterminate", scope_project_id="10000")
    *others, own = ask("GET", "/status").body
    assert own["scope"] == {"type": "PROJECT", "project": {"id": "10000"}}
    assert not any("scope" in status for status in others)
