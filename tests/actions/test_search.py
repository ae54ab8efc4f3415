"""searchIssues over real pages: order, completeness, tokens, and what Jira refuses."""

from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.simulator import Fault

_ALL = "project = DEV ORDER BY key ASC"


def _page(keys, token=None, last=None):
    issues = [{"id": str(10_000 + int(key.rpartition("-")[2])), "key": key, "fields": {}} for key in keys]
    page = {"issues": issues}
    if token is not None:
        page["nextPageToken"] = token
    if last is not None:
        page["isLast"] = last
    return page


def _script(sim, *pages):
    for page in pages:
        sim.faults.add(Fault("answer", path="/search/jql", status=200, body=page))


def test_a_whole_table_says_so(run):
    """All issues of a project in the query's order; complete, without reason or token."""
    output = run("searchIssues", jql=_ALL, fields="summary")["output1"]
    numbers = [int(row["key"].rpartition("-")[2]) for row in output["data"]]
    assert numbers == sorted(numbers)
    metadata = output["metadata"]
    assert metadata["complete"] is True
    assert {"incompleteReason", "nextPageToken"} & set(metadata) == set()


def test_a_cut_table_says_where_to_go_on(run):
    """maxRows cuts the table, says so, and its token leads through the rest without a gap or a repeat."""
    whole = [row["key"] for row in run("searchIssues", jql=_ALL, fields="summary")["output1"]["data"]]
    keys, token, calls = [], None, 0
    while True:
        more = {} if token is None else {"nextPageToken": token}
        output = run("searchIssues", jql=_ALL, fields="summary", maxRows=7, **more)["output1"]
        keys += [row["key"] for row in output["data"]]
        calls += 1
        if output["metadata"]["complete"]:
            break
        assert output["metadata"]["incompleteReason"] == "maxRows"
        assert len(output["data"]) == 7
        token = output["metadata"]["nextPageToken"]
    assert keys == whole
    assert calls == -(-len(whole) // 7)


def test_exactly_as_many_rows_as_there_are_is_whole(run):
    """A table that ends where maxRows does is complete."""
    count = run("searchIssues", jql=_ALL, fields="summary")["output1"]["metadata"]["count"]
    metadata = run("searchIssues", jql=_ALL, fields="summary", maxRows=count)["output1"]["metadata"]
    assert (metadata["count"], metadata["complete"]) == (count, True)


def test_nothing_found_is_an_empty_table_with_the_same_columns(run):
    """An empty result has the columns of a full one."""
    full = run("searchIssues", jql=_ALL, fields="summary,Story Points,duedate")["output1"]
    empty = run("searchIssues", jql="project = DEV AND created < 1990-01-01", fields="summary,Story Points,duedate")
    assert empty["output1"]["data"] == []
    assert empty["output1"]["metadata"]["columns"] == full["metadata"]["columns"]
    assert empty["output1"]["metadata"]["complete"] is True


def test_only_the_new_search_is_used(run, sim):
    """Requests go to /search/jql by POST, never with startAt."""
    run("searchIssues", jql=_ALL, maxRows=5)
    (entry,) = sim.requests_to("/rest/api/3/search")
    assert (entry.method, entry.site_path) == ("POST", "/rest/api/3/search/jql")
    assert set(json.loads(entry.body)) == {"jql", "fields", "maxResults"}


def test_a_repeated_token_ends_the_reading_and_is_told(run, sim):
    """A token that comes back is never followed twice; the table says that it is not whole."""
    _script(sim, _page(["DEV-1"], "a"), _page(["DEV-2"], "b"), _page(["DEV-3"], "a"))
    output = run("searchIssues", jql=_ALL)["output1"]
    assert [row["key"] for row in output["data"]] == ["DEV-1", "DEV-2", "DEV-3"]
    assert output["metadata"]["complete"] is False
    assert output["metadata"]["incompleteReason"] == "page_token_repeated"
    assert "nextPageToken" not in output["metadata"]
    assert len(sim.requests_to("/rest/api/3/search/jql")) == 3


def test_a_token_equal_to_the_callers_is_repeated_too(run, sim):
    """Going on with a token that leads to itself ends at once."""
    _script(sim, _page(["DEV-1"], "a"))
    metadata = run("searchIssues", jql=_ALL, nextPageToken="a")["output1"]["metadata"]
    assert metadata["incompleteReason"] == "page_token_repeated"


def test_empty_pages_do_not_go_on_for_ever(run, sim):
    """Many empty pages in a row, each with a new token, end the reading and are told."""
    _script(sim, *[_page([], f"t{number}") for number in range(30)])
    metadata = run("searchIssues", jql=_ALL)["output1"]["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "empty_pages")


def test_an_empty_page_in_between_is_passed_over(run, sim):
    """An empty page with a token is not the end."""
    _script(sim, _page(["DEV-1"], "a"), _page([], "b"), _page(["DEV-2"]))
    output = run("searchIssues", jql=_ALL)["output1"]
    assert [row["key"] for row in output["data"]] == ["DEV-1", "DEV-2"]
    assert output["metadata"]["complete"] is True


def test_an_issue_that_moved_between_pages_comes_once(run, sim):
    """New matches shift pages; an issue that comes twice is one row."""
    _script(sim, _page(["DEV-1", "DEV-2"], "a"), _page(["DEV-2", "DEV-3"], last=True))
    assert [row["key"] for row in run("searchIssues", jql=_ALL)["output1"]["data"]] == ["DEV-1", "DEV-2", "DEV-3"]


def test_is_last_wins_over_a_token(run, sim):
    """isLast true ends the reading even where a token is there."""
    _script(sim, _page(["DEV-1"], "a", last=True))
    assert run("searchIssues", jql=_ALL)["output1"]["metadata"]["complete"] is True


def test_a_failure_on_a_later_page_is_a_failure(run, sim):
    """Half a table is never handed out because a page failed."""
    _script(sim, _page(["DEV-1"], "a"))
    sim.faults.add(Fault("answer", path="/search/jql", status=500, body=b"oops"))
    assert run("searchIssues", jql=_ALL)["error"]["code"] == "jira_unavailable"


@pytest.mark.parametrize(
    ("jql", "text"),
    [
        ("project = DEV ORDER", "Error in the JQL Query"),
        ("ORDER BY created", "Unbounded JQL queries are not allowed"),
        ("project = NOPE", "does not exist for the field 'project'"),
        ("nofield = 1", "nofield"),
    ],
)
def test_jiras_own_words_on_a_wrong_query(run, jql, text):
    """A query that Jira refuses answers jira_invalid with Jira's text."""
    error = run("searchIssues", jql=jql)["error"]
    assert (error["code"], error["status"]) == ("jira_invalid", 400)
    assert text in error["message"]


def test_an_expired_token_is_told(run):
    """A page token that Jira no longer takes is Jira's refusal, in its words."""
    error = run("searchIssues", jql=_ALL, nextPageToken="long-gone")["error"]
    assert error["code"] == "jira_invalid"
    assert "next page token" in error["message"]


def test_fields_by_name(run, sim):
    """A custom field is asked for by its name, sent by its id, and comes as a column of that name."""
    output = run("searchIssues", jql=_ALL, fields="Story Points", maxRows=3)["output1"]
    assert [column["name"] for column in output["metadata"]["columns"]] == ["id", "key", "url", "Story Points"]
    sent = json.loads(sim.requests_to("/rest/api/3/search/jql")[0].body)["fields"]
    assert [name.startswith("customfield_") for name in sent] == [True]


def test_ambiguous_and_unknown_fields_are_refused_before_searching(run, sim):
    """Two fields of one name are both named with their ids; an unknown one gets the nearest."""
    ambiguous = run("searchIssues", jql=_ALL, fields="Team")["error"]
    assert ambiguous["code"] == "input_invalid"
    assert ambiguous["errors"]["fields"][0].count("customfield_") >= 2
    unknown = run("searchIssues", jql=_ALL, fields="Story Pionts")["error"]
    assert "Story Points" in unknown["errors"]["fields"][0]
    assert sim.requests_to("/rest/api/3/search/jql") == []


def test_the_list_of_fields_is_read_once(run, sim):
    """Fields by name cost one request for the list, then none."""
    run("searchIssues", jql=_ALL, fields="Story Points", maxRows=1)
    metadata = run("searchIssues", jql=_ALL, fields="Story Points", maxRows=1)["output1"]["metadata"]
    assert metadata["usage"]["cacheHits"] == 1
    assert len(sim.requests_to("/rest/api/3/field")) == 1


def test_raw_adds_jiras_own_json(run):
    """raw adds each issue as Jira sent it."""
    output = run("searchIssues", jql=_ALL, fields="status", maxRows=1, raw=True)["output1"]
    assert output["data"][0]["_raw"]["fields"]["status"]["name"] == output["data"][0]["status"]
