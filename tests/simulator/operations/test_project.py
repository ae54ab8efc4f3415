from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def _keys(ask: Asking, **query: str) -> list[str]:
    return [project["key"] for project in ask("GET", "/project/search", **query).body["values"]]


def test_projects_are_those_that_one_may_see(ask: Asking) -> None:
    """HR is hidden from the default account and shown to its lead."""
    assert _keys(ask) == ["DEV", "OPS"]
    ask.account_id = ask.person("Ruth")
    assert _keys(ask, orderBy="-key") == ["OPS", "HR", "DEV"]


def test_projects_are_searched(ask: Asking) -> None:
    """By words of name or key, by keys and ids, by type and by what one may do there."""
    assert _keys(ask, query="platform") == ["DEV"]
    assert _keys(ask, keys="ops,hr") == ["OPS"]
    assert _keys(ask, id="10000") == ["DEV"]
    assert _keys(ask, typeKey="business") == []
    assert _keys(ask, action="edit") == ["DEV"]
    assert _keys(ask, orderBy="name") == ["DEV", "OPS"]
    assert ask("GET", "/project/search", orderBy="taste").status == 400
    assert ask("GET", "/project/search", keys=[f"K{number}" for number in range(51)]).status == 400


def test_pages_of_projects(ask: Asking) -> None:
    """A page names the next one; more than a hundred are lowered without a word."""
    page = ask("GET", "/project/search", maxResults="1", query="e").body
    assert (page["isLast"], page["total"]) == (False, 2)
    assert page["nextPage"].endswith("/project/search?query=e&maxResults=1&startAt=1")
    assert ask("GET", "/project/search", maxResults="1000").body["maxResults"] == 100


def test_a_project(ask: Asking) -> None:
    """A project is found by key in any case or id, with lead, types, components and versions."""
    body = ask("GET", "/project/dev").body
    assert body["lead"]["displayName"] == "Mara Lindqvist"
    assert [component["name"] for component in body["components"]] == ["API", "Web", "Mobile"]
    assert ask("GET", "/project/10000").body["key"] == "DEV"
    assert ask("GET", "/project/HR").body["errorMessages"] == ["No project could be found with key 'HR'."]
    assert ask("GET", "/project/99").body["errorMessages"] == ["No project could be found with id '99'."]


def test_create_metadata(ask: Asking) -> None:
    """The screen of a type has its fields with allowed values, required ones marked, in pages."""
    types = ask("GET", "/issue/createmeta/DEV/issuetypes").body
    assert [one["name"] for one in types["issueTypes"]] == ["Epic", "Story", "Bug", "Task", "Sub-task"]
    page = ask("GET", "/issue/createmeta/DEV/issuetypes/10002").body
    fields = {field["fieldId"]: field for field in page["fields"]}
    assert {name for name, field in fields.items() if field["required"]} == {"summary", "issuetype", "project"}
    assert [option["value"] for option in fields["customfield_10011"]["allowedValues"]] == [
        "Critical",
        "Major",
        "Minor",
    ]
    assert sum(field["name"] == "Team" for field in page["fields"]) == 2
    epic = ask("GET", "/issue/createmeta/DEV/issuetypes/10000").body["fields"]
    assert "customfield_10020" not in {field["fieldId"] for field in epic}
    short = ask("GET", "/issue/createmeta/DEV/issuetypes/10002", startAt="2", maxResults="3").body
    assert (len(short["fields"]), short["total"]) == (3, page["total"])
    answer = ask("GET", "/issue/createmeta/DEV/issuetypes", maxResults="201")
    assert answer.body["errorMessages"] == ["Parameter 'maxResults' must not exceed the limit '200'"]


def test_what_the_screen_says_is_what_create_takes(ask: Asking) -> None:
    """Every settable field of createmeta is known to create: none is refused as unknown."""
    page = ask("GET", "/issue/createmeta/DEV/issuetypes/10002").body
    names = [field["fieldId"] for field in page["fields"] if field["fieldId"] not in {"project", "issuetype"}]
    errors = ask.refused(issuetype={"name": "Bug"}, **{name: {"wrong": 1} for name in names})
    assert not [text for text in errors.values() if "cannot be set" in text]
    assert set(errors) == set(names) - {"assignee", "reporter", "customfield_10018"}
