"""Dry runs of every action: what they send, what they tell, and whether that comes true."""

from __future__ import annotations

import json
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from tests.actions.test_contract import GOOD
from tests.memoryusage import MemoryUsage
from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.actions._estimates import of_search
from vantage_jira_plugin.simulator import Fault

_WRITES = [name for name, action in ACTIONS.items() if action.writes]
#: What is told of a file in its place.
_FILE = {"fileName": "report.txt", "sizeBytes": 9, "mimeType": "text/plain"}
_ONLY_DEV = {"allowedProjects": ["DEV"]}
_KEY_ONLY = {"fields": "key"}
_BY_NAME = {"fields": "Story Points"}
#: Actions of which nobody can say beforehand how much there is; the estimate is the most that it may come to.
_AT_MOST = {"listUsers"}
#: Calls whose cost is told to the request and the point: `(action, inputs beside the good ones, settings)`.
_CASES = {
    **{name: (name, {}, {}) for name in ACTIONS if name not in _AT_MOST},
    **{f"{name}, confined": (name, {}, _ONLY_DEV) for name in ACTIONS if name not in _AT_MOST},
    "login that does not rest": ("keepAlive", {"idleDays": 89}, {}),
    "issue with fields by name": ("getIssue", _BY_NAME, {}),
    "search with fields by name": ("searchIssues", _BY_NAME, {}),
    "search of all": ("searchIssues", {"maxRows": 100_000}, {}),
    "search of keys": ("searchIssues", {"maxRows": 100_000, **_KEY_ONLY}, {}),
    "search of all fields": ("searchIssues", {"maxRows": 100_000, "fields": "*all"}, {}),
    "search that finds nothing": ("searchIssues", {"jql": 'project = DEV AND summary ~ "nosuchword"'}, {}),
    "all projects": ("getAccessibleProjects", {"query": "", "maxRows": 10_000}, {}),
    "one project": ("getAccessibleProjects", {"query": "", "maxRows": 1}, {}),
    "projects from the second": ("getAccessibleProjects", {"query": "", "nextPageToken": "1"}, {}),
    "no project": ("getAccessibleProjects", {"query": "nosuchproject"}, {}),
    "projects behind the last": ("getAccessibleProjects", {"query": "", "nextPageToken": "999"}, {}),
    "nothing to change": ("updateIssue", dict.fromkeys(GOOD["updateIssue"], "") | {"issueKey": "DEV-1"}, {}),
}


def _connected(connect, **settings):
    """Return a connection whose login and site are settled, so that an action's requests are its own."""
    connection = connect(**settings)
    connection.execute("keepAlive", {"idleDays": 0}, {}, {})
    connection.authenticate()
    return connection


def _rehearse(connection, action, inputs):
    envelope = connection.execute(action, {**inputs, "dryRun": True}, {}, {})
    assert "error" not in envelope, envelope
    return envelope["output1"]


def _writes(sim, since=0):
    """Return what was sent to Jira that would change something."""
    reads = ("/search/jql", "/search/approximate-count", "/issue/bulkfetch", "/comment/list", "/worklog/list")
    return [
        entry
        for entry in sim.requests[since:]
        if entry.method != "GET" and entry.path != "/oauth/token" and not entry.path.endswith(reads)
    ]


@pytest.mark.parametrize(("action", "inputs", "settings"), _CASES.values(), ids=_CASES)
def test_the_estimate_comes_true(connect, sim, action, inputs, settings):
    """A dry run sends no write, and tells the requests and points that the real run then uses."""
    inputs = {**GOOD[action], **inputs}
    connection = _connected(connect, **settings)
    output = _rehearse(connection, action, inputs)
    assert _writes(sim) == []
    metadata = output["metadata"]
    assert (output["data"], metadata["count"], metadata["dryRun"]) == ([], 0, True)
    assert metadata["columns"] == list(ACTIONS[action].columns)
    usage = connection.execute(action, inputs, {}, {})["output1"]["metadata"]["usage"]
    estimate = {
        name: value for name, value in metadata["estimate"].items() if name != "seconds"
    }  # hangs on the machine
    assert estimate == {"requests": usage["requests"], "points": usage["points"]}


@pytest.mark.parametrize("action", _WRITES)
def test_the_plan_is_what_is_sent(connect, sim, action):
    """The one write of the real run has the method, path and body that the dry run told."""
    connection = _connected(connect)
    (planned,) = _rehearse(connection, action, GOOD[action])["metadata"]["plan"]
    begun = len(sim.requests)
    assert "error" not in connection.execute(action, GOOD[action], {}, {})
    (sent,) = _writes(sim, begun)
    query = urlencode(sent.query, doseq=True)
    assert planned == {
        "does": planned["does"],
        "method": sent.method,
        "path": sent.site_path + (f"?{query}" if query else ""),
        "body": _FILE if action == "addAttachment" else json.loads(sent.body),
    }
    assert planned["does"] in {operation.does for operation in ACTIONS[action].operations}


def test_the_number_that_a_write_looks_behind_is_in_the_estimate(connect):
    """The first keyed create of a project searches for it, which costs two points; the next one does not."""
    connection = _connected(connect)
    for expected in ({"requests": 2, "points": 3}, {"requests": 1, "points": 1}):
        inputs = {**GOOD["createIssue"], "idempotencyKey": str(expected)}
        assert _rehearse(connection, "createIssue", inputs)["metadata"]["estimate"] == expected
        usage = connection.execute("createIssue", inputs, {}, {})["output1"]["metadata"]["usage"]
        assert {name: usage[name] for name in expected} == expected


def test_a_real_run_tells_nothing_of_a_dry_one(run):
    """The three keys are only there where a dry run was asked for."""
    for inputs in ({}, {"dryRun": False}, {"dryRun": None}):
        metadata = run("getIssue", issueKey="DEV-1", **inputs)["output1"]["metadata"]
        assert not {"dryRun", "estimate", "plan"} & metadata.keys()


def test_what_changes_nothing_plans_nothing(connect):
    """An edit without changes says so, as the real run would, and costs nothing."""
    metadata = _rehearse(_connected(connect), "updateIssue", {"issueKey": "DEV-1"})["metadata"]
    assert (metadata["plan"], metadata["estimate"]) == ([], {"requests": 0, "points": 0})
    assert metadata["warnings"] == ["nothing was given to change, so that nothing was sent"]


@pytest.mark.parametrize("action", _WRITES)
def test_guards_hold_in_a_dry_run(connect, sim, action):
    """What a real run may not do is refused in the same words."""
    for settings, code in (({"readOnly": True}, "read_only"), ({"allowedProjects": ["OPS"]}, "project_not_allowed")):
        connection = _connected(connect, **settings)
        refused = [connection.execute(action, {**GOOD[action], "dryRun": dry}, {}, {}) for dry in (True, False)]
        assert refused[0] == refused[1]
        assert refused[0]["error"]["code"] == code
    assert _writes(sim) == []


@pytest.mark.parametrize("action", _WRITES)
@pytest.mark.parametrize("shares", [False, True], ids=["alone", "shared"])
def test_the_ledger_is_left_alone(connect, services, action, shares):
    """Neither the host's shared state nor the credential record hears of a write that was only rehearsed."""

    class Shared:
        def read(self, names):
            return {}

        def replace(self, name, value, *, version, keep_seconds):
            assert name.startswith("limits/"), f"{name} was stored"  # a read on the way counts there
            return True

    connection = _connected(connect)
    if shares:
        services.shared = Shared()
        connection = connect()
        connection._login.load()
    before = services.credentials.saves
    assert _rehearse(connection, action, GOOD[action])["metadata"]["plan"]
    assert services.credentials.saves == before


def test_a_query_that_is_wrong_is_found_out(connect):
    """Jira reads it in order to count, and refuses it as it would refuse the search."""
    error = connect().execute("searchIssues", {"jql": "project = ", "dryRun": True}, {}, {})["error"]
    assert error["code"] == "jira_invalid"


def test_a_site_that_does_not_count_is_told(connect, sim):
    """An answer without a number is no estimate."""
    sim.faults.add(Fault("answer", path="/approximate-count", status=200, body={"count": "many"}, times=None))
    error = connect().execute("searchIssues", {"jql": "project = DEV", "dryRun": True}, {}, {})["error"]
    assert error["code"] == "jira_unavailable"


def test_projects_without_a_total_are_as_many_as_are_wanted(connect, sim):
    """Where Jira does not say how many there are, the estimate is what the call may come to."""
    sim.faults.add(Fault("answer", path="/project/search", status=200, body={"values": [], "isLast": False}))
    metadata = _rehearse(connect(), "getAccessibleProjects", {"maxRows": 250})["metadata"]
    assert metadata["estimate"] == {"requests": 3, "points": 253}


class _Counting:
    """A site with so many issues, whose fields are not known, asked by one thread."""

    has_catalogue = False
    hourly_points = None
    account = SimpleNamespace(left=None)
    settings = SimpleNamespace(allowed_projects=None, max_in_flight=1)

    def __init__(self, count):
        self._count = count

    def pace(self, operation):
        return 100.0

    def call(self, operation, *, body):
        return {"count": self._count}


@pytest.mark.parametrize(
    ("fields", "found", "max_rows", "requests"),
    [
        (["key", "url"], 12_000, 100_000, 3),
        (["summary"], 2000, 100_000, 3),
        (["summary"], 2001, 100_000, 4),
        (["summary"], 2001, 1500, 3),
        (["*navigable"], 250, 1000, 3),
        (["-summary"], 250, 1000, 3),
        (["summary", "Comment"], 250, 1000, 3),
        ([f"customfield_{number}" for number in range(101)], 250, 1000, 3),
        (["summary"], 0, 1000, 1),
    ],
    ids=str,
)
def test_richer_fields_make_more_pages(fields, found, max_rows, requests):
    """5,000 keys, 1,000 lean issues or 100 rich ones fit on a page; the first page is always asked for.

    Where many rows are wanted, one more search asks for the last of them, which the plan adds to the pages.
    """
    estimate = of_search(_Counting(found), {"fields_": fields, "jql": "project = DEV", "max_rows": max_rows})
    pages = estimate.reads[0]
    assert (pages["path"], pages["requests"]) == ("/rest/api/3/search/jql", requests)


def test_a_budget_that_does_not_suffice_is_told(connect):
    """The dry run says so before the real one stops halfway."""
    connection = _connected(connect, pointsPerHour=23)  # of which the login has spent 3
    inputs = {"jql": "project = DEV", "maxRows": 50, "fields": "summary"}
    (warning,) = _rehearse(connection, "searchIssues", inputs)["metadata"]["warnings"]
    assert warning == "the budgets of the settings leave 19 points now, which is less than this needs"
    assert _rehearse(connection, "searchIssues", {**inputs, "maxRows": 5})["metadata"]["warnings"] == []


@pytest.fixture
def many(sim):
    """240 more issues in DEV, each with one comment, one worklog and a changed summary."""
    author = next(iter(sim.site.accounts))
    project = next(project for project in sim.site.projects.values() if project.key == "DEV")
    kind = next(each for each in sim.site.issues.values() if each.key == "DEV-1").values["issuetype"]
    document = {"type": "doc", "version": 1, "content": []}
    for number in range(240):
        issue = sim.site.create_issue(project, {"summary": f"Issue {number}", "issuetype": kind}, author)
        sim.site.add_comment(issue, author, document)
        sim.site.add_worklog(issue, author, started_at=sim.clock(), spent_seconds=60, comment=document)
        sim.site.change_issue(issue, {"summary": f"Renamed {number}"}, author)
    sim.clock.advance(60)


_ROWS_OF_ISSUES = ("listComments", "listWorklogs", "listChangelog", "listIssueLinks")


@pytest.mark.parametrize("action", _ROWS_OF_ISSUES)
@pytest.mark.parametrize("max_rows", [3, 1000])
def test_what_few_rows_take_is_told_as_bounds(connect, many, action, max_rows):
    """Nobody knows how many issues so many rows need: what all take is the most, the first ones the least."""
    connection = _connected(connect)
    inputs = {"jql": "project = DEV AND summary ~ Renamed ORDER BY created DESC", "maxRows": max_rows}
    estimate = _rehearse(connection, action, inputs)["metadata"]["estimate"]
    usage = connection.execute(action, inputs, {}, {})["output1"]["metadata"]["usage"]
    used = {name: usage[name] for name in ("requests", "points")}
    most = {name: estimate[name] for name in used}
    if max_rows == 1000:
        assert "atLeast" not in estimate
        assert used["points"] - most["points"] in {
            0,
            3,
        }  # whether it is worth cutting may be asked after the first page
    elif action == "listIssueLinks":  # these issues have none, so that all are read
        assert (most, estimate["atLeast"]["points"]) == (used, 101)
    else:
        assert estimate["atLeast"] == used
        assert used["points"] < most["points"] < 260


def test_a_budget_that_may_not_suffice_is_told_as_such(connect, many):
    """The issues that are read first fit into it, and all of them do not."""
    connection = _connected(connect, pointsPerHour=150)
    (warning,) = _rehearse(connection, "listComments", {"jql": "project = DEV", "maxRows": 3})["metadata"]["warnings"]
    assert warning.endswith("points now, which is less than this may need")


def test_reads_of_one_kind_are_one_line_of_the_plan(connect, many):
    """Pages of issues, and the question for the last of them, are searches alike."""
    for action, inputs in (
        ("searchIssues", {"maxRows": 5000}),
        ("listComments", {"maxRows": 3, "since": "2020-01-01T00:00:00Z"}),
    ):
        plan = _rehearse(_connected(connect), action, {"jql": "project = DEV", **inputs})["metadata"]["plan"]
        kinds = [(read["method"], read["path"]) for read in plan]
        assert len(kinds) == len(set(kinds)) > 0


def test_a_spent_budget_refuses_no_dry_run(connect):
    """What a write would cost can be asked when nothing may be spent any more; the answer says so."""
    connection = _connected(connect, pointsPerHour=3)  # all of which the login has spent
    assert connection.execute("createIssue", GOOD["createIssue"], {}, {})["error"]["code"] == "budget_spent"
    metadata = _rehearse(connection, "createIssue", GOOD["createIssue"])["metadata"]
    assert metadata["plan"]
    assert "the budgets of the settings leave 0 points now, which is less than this needs" in metadata["warnings"]


def test_a_dry_run_is_counted_for_what_it_reads(connect, services):
    """Its own requests and points are in the usage; those of the estimate are not."""
    services.usage = MemoryUsage()
    connection = _connected(connect)
    services.usage.entries.clear()
    usage = _rehearse(connection, "searchIssues", GOOD["searchIssues"])["metadata"]["usage"]
    assert (usage["requests"], usage["points"]) == (1, 1)
    assert _rehearse(connection, "createIssue", GOOD["createIssue"])["metadata"]["usage"]["requests"] == 0
    assert [(entry["action"], entry["points"]) for entry in services.usage.entries] == [
        ("searchIssues", 1),
        ("createIssue", 0),
    ]
