"""searchIssues over real pages: order, completeness, tokens, and what Jira refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.simulator.histories import many_issues
from vantage_jira_plugin.simulator.operations.selection import RICH_PAGE, Selection

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


@pytest.fixture
def run_chain(connect):
    """Return a function that runs an action with one request at a time, so that pages come in the order scripted."""
    connection = connect(maxInFlight=1)

    def execute(action, **inputs):
        return connection.execute(action, inputs, {}, {})

    return execute


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


def test_a_repeated_token_ends_the_reading_and_is_told(run_chain, sim):
    """A token that comes back is never followed twice; the table says that it is not whole."""
    _script(sim, _page(["DEV-1"], "a"), _page(["DEV-2"], "b"), _page(["DEV-3"], "a"))
    output = run_chain("searchIssues", jql=_ALL)["output1"]
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


def test_empty_pages_do_not_go_on_for_ever(run_chain, sim):
    """Many empty pages in a row, each with a new token, end the reading and are told."""
    _script(sim, *[_page([], f"t{number}") for number in range(30)])
    metadata = run_chain("searchIssues", jql=_ALL)["output1"]["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "empty_pages")


def test_an_empty_page_in_between_is_passed_over(run_chain, sim):
    """An empty page with a token is not the end."""
    _script(sim, _page(["DEV-1"], "a"), _page([], "b"), _page(["DEV-2"]))
    output = run_chain("searchIssues", jql=_ALL)["output1"]
    assert [row["key"] for row in output["data"]] == ["DEV-1", "DEV-2"]
    assert output["metadata"]["complete"] is True


def test_an_issue_that_moved_between_pages_comes_once(run_chain, sim):
    """New matches shift pages; an issue that comes twice is one row."""
    _script(sim, _page(["DEV-1", "DEV-2"], "a"), _page(["DEV-2", "DEV-3"], last=True))
    assert [row["key"] for row in run_chain("searchIssues", jql=_ALL)["output1"]["data"]] == ["DEV-1", "DEV-2", "DEV-3"]


def test_is_last_wins_over_a_token(run, sim):
    """isLast true ends the reading even where a token is there."""
    _script(sim, _page(["DEV-1"], "a", last=True))
    assert run("searchIssues", jql=_ALL)["output1"]["metadata"]["complete"] is True


def test_a_failure_on_a_later_page_is_a_failure(run_chain, sim):
    """Half a table is never handed out because a page failed."""
    _script(sim, _page(["DEV-1"], "a"))
    sim.faults.add(Fault("answer", path="/search/jql", status=500, body=b"oops"))
    assert run_chain("searchIssues", jql=_ALL)["error"]["code"] == "jira_unavailable"


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


# ---- many pages -----------------------------------------------------------------------------

_MANY = 2_000
_IN_DEV = "project = DEV ORDER BY created DESC"
#: Fields whose answers are short, and those of which Jira fetches a thousand at once.
_RICH = "summary,comment"
_FIVE = "summary,status,assignee,priority,created"


@pytest.fixture
def short_pages(monkeypatch):
    """Let Jira's pages be as short as with all fields, a hundred, whichever fields are asked for."""
    page_size = Selection.page_size

    def short(self, bare):
        searched = bare > RICH_PAGE
        return min(100, page_size(self, bare)) if searched and self.named else page_size(self, bare)

    monkeypatch.setattr(Selection, "page_size", short)


@pytest.fixture
def read(connect, sim, short_pages):
    """Return a function that searches among many issues, with so many requests in flight; it returns the output."""

    def execute(jql=_IN_DEV, *, at_once=8, fields="summary", max_rows=100_000, context=None, token=None, **settings):
        connection = connect(maxInFlight=at_once, **settings)
        connection.authenticate()
        sim.clear_requests()
        inputs = {"jql": jql, "fields": fields, "maxRows": max_rows}
        more = {} if token is None else {"nextPageToken": token}
        envelope = connection.execute("searchIssues", inputs | more, {}, context or {})
        return envelope.get("output1", envelope)

    return execute


def _keys(output):
    return [row["key"] for row in output["data"]]


def _bodies(sim, path="/rest/api/3/search/jql"):
    return [json.loads(entry.body) for entry in sim.requests_to(path)]


def _slices(sim):
    return {body["jql"] for body in _bodies(sim) if "created >=" in body["jql"] or "created <" in body["jql"]}


@pytest.mark.parametrize(
    ("jql", "history"),
    [
        (_IN_DEV, "even"),
        ("project = DEV", "skewed"),
        ("project = DEV ORDER BY created ASC, key ASC", "skewed"),
        ("project = DEV ORDER BY created", "even"),
    ],
)
def test_slices_give_what_a_chain_gives(read, sim, jql, history):
    """The same rows in the same order, for the same points but for a few."""
    many_issues(sim.site, _MANY, history=history)
    chain = read(jql, at_once=1, fields=_RICH)
    assert len(chain["data"]) == sum(key.startswith("DEV-") for key in _keys(chain)) > _MANY
    assert _slices(sim) == set()
    slices = read(jql, fields=_RICH)
    assert _slices(sim)
    assert slices["data"] == chain["data"]
    assert slices["metadata"]["complete"] is True
    points = [output["metadata"]["usage"]["points"] for output in (chain, slices)]
    assert points[1] <= 1.03 * points[0] + 20


def test_a_limit_among_slices_is_a_limit(read, sim):
    """The rows are the first ones, and the token leads through the rest."""
    many_issues(sim.site, _MANY)
    whole = _keys(read(at_once=1, fields=_RICH))
    first = read(fields=_RICH, max_rows=1500)
    assert _slices(sim)
    assert _keys(first) == whole[:1500]
    assert first["metadata"]["incompleteReason"] == "maxRows"
    second = read(fields=_RICH, token=first["metadata"]["nextPageToken"])
    assert _keys(first) + _keys(second) == whole
    assert second["metadata"]["complete"] is True


def test_few_fields_in_short_pages_are_read_by_their_ids(read, sim):
    """Ids come at five thousand a page, and what they stand for at a thousand: a few requests do."""
    many_issues(sim.site, _MANY)
    chain = read(at_once=1, fields=_FIVE)
    assert len(sim.requests) > _MANY / 100
    by_ids = read(fields=_FIVE)
    assert by_ids["data"] == chain["data"]
    assert len(sim.requests_to("/rest/api/3/issue/bulkfetch")) >= 3
    assert len(sim.requests) < 16


def test_another_order_is_read_by_its_ids(read, sim):
    """Whole, and in that order."""
    many_issues(sim.site, _MANY)
    jql = "project = DEV ORDER BY updated ASC, key DESC"
    by_ids = read(jql, fields=_FIVE)
    assert sim.requests_to("/rest/api/3/issue/bulkfetch")
    assert _keys(by_ids) == _keys(read(jql, at_once=1, fields=_FIVE))


def test_slices_are_right_in_any_time_zone(read, sim):
    """Bounds are moments: an account that lives elsewhere finds the same issues."""
    many_issues(sim.site, _MANY)
    here = _keys(read(fields=_RICH))
    person = sim.site.default_account_id
    for time_zone in ("America/Los_Angeles", "Asia/Kathmandu"):
        sim.site.accounts[person] = replace(sim.site.accounts[person], time_zone=time_zone)
        assert _keys(read(fields=_RICH)) == here
        assert _slices(sim)


def test_what_was_just_written_is_in_its_slice(connect, sim, short_pages):
    """Each page of each slice names it, so that it is found as it is though the index lags behind."""
    many_issues(sim.site, _MANY)
    sim.site.index_lag_seconds = 60
    connection = connect(maxInFlight=8)
    created = connection.execute(
        "createIssue", {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}, {}, {}
    )["output1"]["data"][0]
    sim.clear_requests()
    inputs = {"jql": _IN_DEV, "fields": _RICH, "maxRows": 100_000}
    output = connection.execute("searchIssues", inputs, {}, {})["output1"]
    assert _keys(output)[0] == created["key"]
    assert len(output["data"]) == len(set(_keys(output))) > _MANY
    pages = [body for body in _bodies(sim) if body["maxResults"] > 1]
    assert len({body["jql"] for body in pages}) > 2
    assert all(body["reconcileIssues"] == [int(created["id"])] for body in pages)


def test_slices_stay_within_the_allowed_projects(read, sim):
    """Each of them is confined, and so is what is counted."""
    many_issues(sim.site, _MANY)
    output = read('summary ~ "e*" OR project is not EMPTY', fields=_RICH, allowedProjects=["DEV"])
    assert {key.rpartition("-")[0] for key in _keys(output)} == {"DEV"}
    assert len(output["data"]) > _MANY
    sent = _bodies(sim) + _bodies(sim, "/rest/api/3/search/approximate-count")
    assert len(_slices(sim)) > 1
    assert all('project in ("DEV") AND (' in body["jql"] for body in sent)


def test_slices_stop_where_the_points_end(read, sim):
    """What came without a gap is returned, and no more is spent than there was, but for one small request each."""
    many_issues(sim.site, _MANY)
    whole = _keys(read(at_once=1, fields=_RICH))
    output = read(fields=_RICH, pointsPerRun=1200, context={"runId": "run-1"})
    assert output["metadata"]["incompleteReason"] == "points"
    assert output["metadata"]["usage"]["points"] <= 1200 + 2 * 8
    assert len(output["data"]) > 300
    assert _keys(output) == whole[: len(output["data"])]
    rest = read(fields=_RICH, token=output["metadata"]["nextPageToken"])
    assert _keys(output) + _keys(rest) == whole


def test_a_failure_in_one_slice_is_a_failure(read, sim):
    """Half a table is never handed out because a page failed."""
    many_issues(sim.site, _MANY)
    sim.faults.add(Fault("answer", path="/search/jql", status=500, body=b"oops", after=9, times=None))
    assert read(fields=_RICH)["error"]["code"] == "jira_unavailable"
