from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import Asking, new_asking
from vantage_jira_plugin.simulator import searchindex
from vantage_jira_plugin.simulator.histories import many_issues
from vantage_jira_plugin.simulator.operations import ROUTES


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def _pages(ask: Asking, **body: Any) -> list[list[str]]:
    pages, token = [], None
    while True:
        answer = ask("POST", "/search/jql", {**body, **({"nextPageToken": token} if token else {})})
        assert answer.status == 200
        pages.append([issue["id"] for issue in answer.body["issues"]])
        assert answer.body["isLast"] == ("nextPageToken" not in answer.body)
        if answer.body["isLast"]:
            return pages
        token = answer.body["nextPageToken"]


def test_only_ids_come_unless_fields_are_named(ask: Asking) -> None:
    """The default is the bare id, and there is no total."""
    body = ask("POST", "/search/jql", {"jql": "key = DEV-1"}).body
    assert [set(issue) for issue in body["issues"]] == [{"id"}]
    assert set(body) == {"issues", "isLast"}
    issue = ask("POST", "/search/jql", {"jql": "key = DEV-1", "fields": ["key"]}).body["issues"][0]
    assert set(issue) == {"expand", "id", "self", "key"}
    issue = ask("POST", "/search/jql", {"jql": "key = DEV-1", "fields": ["summary"]}).body["issues"][0]
    assert set(issue["fields"]) == {"summary"}


def test_only_exclusions_mean_navigable_fields(ask: Asking) -> None:
    """`-description` alone leaves it out of the navigable fields."""
    answer = ask("GET", "/search/jql", jql="key = DEV-3", fields="-description")
    fields = answer.body["issues"][0]["fields"]
    assert "summary" in fields
    assert not {"description", "comment"} & set(fields)


def test_pages_follow_each_other(ask: Asking) -> None:
    """Tokens lead through all issues once, in order, and only the last page has none."""
    whole = _pages(ask, jql="project = DEV order by key")
    assert len(whole) == 1
    pages = _pages(ask, jql="project = DEV order by key", maxResults=5)
    assert [len(page) for page in pages] == [5, 5, 5, 5, 4]
    assert [issue_id for page in pages for issue_id in page] == whole[0]


def test_get_and_post_are_the_same_search(ask: Asking) -> None:
    """Both ways answer alike, lists with commas or repeated, and read each other's tokens."""
    posted = ask("POST", "/search/jql", {"jql": "project = DEV", "fields": ["summary", "status"], "maxResults": 2})
    got = ask("GET", "/search/jql", jql="project = DEV", fields=["summary", "status"], maxResults="2")
    assert posted.body["issues"] == got.body["issues"]
    after = ask("GET", "/search/jql", jql="project = DEV", nextPageToken=posted.body["nextPageToken"])
    assert after.body["issues"][0] != posted.body["issues"][0]


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        (["id"], 1500),
        (["key"], 1500),
        (["summary", "status"], 1000),
        (["*all"], 100),
        (["*navigable"], 100),
        (["summary", "comment"], 100),
        (["-summary"], 100),
    ],
)
def test_pages_are_shorter_for_richer_fields(ask: Asking, fields: list[str], length: int) -> None:
    """A page of 5000 is lowered without a word to what its fields allow."""
    many_issues(ask.site, 1_500, project_key="OPS")
    answer = ask("POST", "/search/jql", {"jql": "project = OPS", "fields": fields, "maxResults": 1_500})
    assert len(answer.body["issues"]) == length


def test_tokens_belong_to_their_question(ask: Asking) -> None:
    """A token of another query, another caller, or another kind is refused."""
    token = ask("POST", "/search/jql", {"jql": "project = DEV", "maxResults": 1}).body["nextPageToken"]
    expected = ["The provided next page token is invalid or expired."]
    other = ask("POST", "/search/jql", {"jql": "project = OPS", "nextPageToken": token})
    assert (other.status, other.body["errorMessages"]) == (400, expected)
    for wrong in ("garbage", token[:-4], token.swapcase()):
        answer = ask("POST", "/search/jql", {"jql": "project = DEV", "nextPageToken": wrong})
        assert (answer.status, answer.body["errorMessages"]) == (400, expected)
    ask.account_id = ask.person("Jun")
    assert ask("POST", "/search/jql", {"jql": "project = DEV", "nextPageToken": token}).status == 400


def test_tokens_live_seven_days(ask: Asking) -> None:
    """A token is good for a week and no longer."""
    body = {"jql": "project = DEV", "maxResults": 1}
    body["nextPageToken"] = ask("POST", "/search/jql", body).body["nextPageToken"]
    ask.clock.at += 7 * 86_400
    assert ask("POST", "/search/jql", body).status == 200
    ask.clock.at += 1
    assert ask("POST", "/search/jql", body).status == 400


def test_a_page_can_be_read_again(ask: Asking) -> None:
    """The same token answers the same page, as after a lost answer."""
    body = {"jql": "project = DEV", "maxResults": 3}
    body["nextPageToken"] = ask("POST", "/search/jql", body).body["nextPageToken"]
    assert ask("POST", "/search/jql", body).body == ask("POST", "/search/jql", body).body


@pytest.mark.parametrize("number", [0, -1, 5001])
def test_page_lengths_have_limits(ask: Asking, number: int) -> None:
    """1 to 5000 issues can be asked for."""
    answer = ask("POST", "/search/jql", {"jql": "project = DEV", "maxResults": number})
    assert answer.body["errorMessages"] == ["The max results parameter has to be between 1 and 5,000."]


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": 1},
        {"startAt": 0},
        {"expand": ["names"]},
        {"fields": "summary"},
        {"fields": [1]},
        {"maxResults": "5"},
        {"maxResults": True},
        {"reconcileIssues": ["1"]},
        {"jql": 5},
    ],
)
def test_bodies_are_read_strictly(ask: Asking, wrong: dict[str, Any]) -> None:
    """Unknown members and wrong types are refused as a whole, without `errors`."""
    answer = ask("POST", "/search/jql", {"jql": "project = DEV", **wrong})
    assert (answer.status, answer.body) == (
        400,
        {"errorMessages": ["Invalid request payload. Refer to the REST API documentation and try again."]},
    )


@pytest.mark.parametrize("jql", ["", "  ", "order by key"])
def test_unbounded_queries_are_refused(ask: Asking, jql: str) -> None:
    """A search and a count need a restriction."""
    expected = ["Unbounded JQL queries are not allowed here. Please add a search restriction to your query."]
    assert ask.complaints(jql) == expected
    assert ask("POST", "/search/approximate-count", {"jql": jql}).body["errorMessages"] == expected


def test_names_and_schemas(ask: Asking) -> None:
    """`expand` is a string with commas and puts names and schemas beside the issues."""
    body = {"jql": "key = DEV-3", "fields": ["summary", "parent", "customfield_10001"], "expand": "names, schema"}
    answer = ask("POST", "/search/jql", body).body
    assert answer["names"] == {"summary": "Summary", "parent": "Parent", "customfield_10001": "Team"}
    assert set(answer["schema"]) == {"summary", "customfield_10001"}


def test_properties_come_with_a_search(ask: Asking) -> None:
    """Up to five properties can be shown."""
    ask("PUT", "/issue/DEV-3/properties/a", 1)
    body = {"jql": "key = DEV-3", "properties": ["a", "b"]}
    assert ask("POST", "/search/jql", body).body["issues"][0]["properties"] == {"a": 1}
    assert ask("POST", "/search/jql", {**body, "properties": list("abcdef")}).status == 400


def test_at_most_fifty_issues_are_reconciled(ask: Asking) -> None:
    """Fifty ids are taken, fifty-one refused."""
    body = {"jql": "project = DEV", "reconcileIssues": list(range(10_000, 10_050))}
    assert ask("POST", "/search/jql", body).status == 200
    body["reconcileIssues"].append(10_050)
    assert ask("POST", "/search/jql", body).status == 400


def test_issues_that_vanish_leave_later_pages(ask: Asking) -> None:
    """An issue deleted between two pages is missing from the second; the others keep their places."""
    body = {"jql": "project = DEV order by key", "fields": ["key"], "maxResults": 3}
    body["nextPageToken"] = ask("POST", "/search/jql", body).body["nextPageToken"]
    ask("DELETE", "/issue/DEV-5")
    answer = ask("POST", "/search/jql", body).body
    assert [issue["key"] for issue in answer["issues"]] == ["DEV-4", "DEV-6"]


def test_counts(ask: Asking) -> None:
    """The count is that of the search."""
    answer = ask("POST", "/search/approximate-count", {"jql": "project = DEV"})
    assert answer.body == {"count": len(ask.keys("project = DEV"))}


def test_bulk_fetch(ask: Asking) -> None:
    """Issues come by id or key, in order of ids, once each; unseen ones are left out."""
    wanted = ["dev-2", "DEV-1", "10000", "HR-1", "NOPE-1"]
    answer = ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": wanted, "fields": ["summary"]})
    assert [issue["key"] for issue in answer.body["issues"]] == ["DEV-1", "DEV-2"]
    assert answer.body["issueErrors"] == []


def test_bulk_fetch_of_ids_that_are_no_issues_costs_what_it_returns(ask: Asking) -> None:
    """Of a hundred ids those of issues that are seen come, of any project; the others are no errors and cost nothing.

    Source: OpenAPI file, BulkIssueResults: "Issues which aren't found or that the user doesn't have permission to
    view won't be returned in this list", which is `issueErrors`.
    """
    wanted = [str(number) for number in range(10_099, 9_999, -1)]
    answer = ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": wanted, "fields": ["summary"]})
    projects = [issue["key"].partition("-")[0] for issue in answer.body["issues"]]
    assert (projects.count("DEV"), projects.count("OPS"), projects.count("HR")) == (24, 10, 0)
    assert answer.body["issueErrors"] == []
    ids = [int(issue["id"]) for issue in answer.body["issues"]]
    assert ids == sorted(ids)
    route = next(one for one in ROUTES if one.template.endswith("/issue/bulkfetch"))
    assert route.objects(answer) == 34


def test_bulk_fetch_shows_the_properties_asked_for(ask: Asking) -> None:
    """Each issue has those of the named properties that it has; without names there is no such member."""
    ask("PUT", "/issue/DEV-1/properties/a", {"key": "x"})
    ask("PUT", "/issue/DEV-1/properties/b", 1)
    sent = {"issueIdsOrKeys": ["DEV-1", "DEV-2"], "fields": ["summary"]}
    issues = ask("POST", "/issue/bulkfetch", {**sent, "properties": ["a", "c"]}).body["issues"]
    assert [issue["properties"] for issue in issues] == [{"a": {"key": "x"}}, {}]
    assert "properties" not in ask("POST", "/issue/bulkfetch", sent).body["issues"][0]
    assert ask("POST", "/issue/bulkfetch", {**sent, "properties": list("abcdef")}).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": 1},
        {"issueIdsOrKeys": "DEV-1"},
        {"issueIdsOrKeys": [10_000]},
        {"expand": "names"},
        {"fields": "summary"},
        {"fieldsByKeys": "true"},
        {"properties": {}},
        {"properties": "a"},
    ],
)
def test_bulk_fetch_is_read_strictly(ask: Asking, wrong: dict[str, Any]) -> None:
    """Unknown members and wrong types are refused as a whole."""
    answer = ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["DEV-1"], **wrong})
    assert (answer.status, list(answer.body)) == (400, ["errorMessages"])


def test_the_index_lags_for_searches_and_counts_only(ask: Asking) -> None:
    """A new issue is read and fetched at once; searches see it when reconciled, counts and others later."""
    ask.site.index_lag_seconds = 30
    before = ask("POST", "/search/approximate-count", {"jql": "project = DEV"}).body["count"]
    created, other = ask.create(), ask.create()
    assert ask("GET", f"/issue/{created['key']}").status == 200
    fetched = ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": [created["key"], other["id"]], "fields": ["key"]}).body
    assert [issue["key"] for issue in fetched["issues"]] == [created["key"], other["key"]]
    query = f"key in ({created['key']}, {other['key']})"
    assert ask.keys(query, reconcileIssues=[int(created["id"])]) == [created["key"]]
    assert ask("GET", "/search/jql", jql=query, reconcileIssues=other["id"]).body["issues"] == [{"id": other["id"]}]
    assert ask("POST", "/search/approximate-count", {"jql": "project = DEV"}).body == {"count": before}
    ask.clock.at += 30
    assert len(ask.keys(query)) == 2
    assert ask("POST", "/search/approximate-count", {"jql": "project = DEV"}).body == {"count": before + 2}


def test_reconciled_issues_must_match(ask: Asking) -> None:
    """Reconciling makes fresh, it does not add what the query does not find."""
    ask.site.index_lag_seconds = 30
    created = ask.create(summary="Fresh")
    assert ask.keys("project = DEV and summary ~ other", reconcileIssues=[int(created["id"])]) == []


def test_later_pages_are_slices_of_the_first(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """The query is run for the first page only, however many pages follow."""
    runs = []
    indexed = searchindex.indexed
    monkeypatch.setattr(searchindex, "indexed", lambda *given: runs.append(given) or indexed(*given))
    assert len(_pages(ask, jql="project = DEV", maxResults=5)) == 5
    assert len(runs) == 1


@pytest.mark.parametrize(
    "wrong", [{"jql": 5}, {"jql": "project = DEV", "maxResults": 1}, {"jql": "project = DEV", "reconcileIssues": [1]}]
)
def test_counts_are_read_strictly(ask: Asking, wrong: dict[str, Any]) -> None:
    """A count takes a query and nothing else."""
    answer = ask("POST", "/search/approximate-count", wrong)
    assert (answer.status, list(answer.body)) == (400, ["errorMessages"])


@pytest.mark.parametrize(
    ("more", "most"),
    [
        ({"fields": ["summary", "status"]}, 1_000),
        ({}, 100),
        ({"fields": ["*all"]}, 100),
        ({"fields": ["-summary"]}, 100),
        ({"fields": ["summary", "comment"]}, 100),
        ({"fields": ["summary"], "expand": ["changelog"]}, 100),
    ],
)
def test_bulk_fetch_takes_more_where_less_is_wanted(ask: Asking, more: dict[str, Any], most: int) -> None:
    """1000 issues where a few plain fields are named, else 100."""
    wanted = [str(number) for number in range(1, most + 1)]
    assert ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": wanted, **more}).status == 200
    assert ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": [*wanted, "0"], **more}).status == 400


def test_searches_cost_what_they_return(ask: Asking) -> None:
    """The points of a page are its issues; writes cost nothing beside their own."""
    answer = ask("POST", "/search/jql", {"jql": "project = DEV", "maxResults": 7})
    route = next(one for one in ROUTES if one.method == "POST" and one.template.endswith("/search/jql"))
    assert route.objects(answer) == 7
    written = ask("PUT", "/issue/DEV-1/properties/a", 1)
    put = next(one for one in ROUTES if one.method == "PUT" and one.template.endswith("{propertyKey}"))
    assert put.objects(written) == 0
