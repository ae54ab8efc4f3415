"""syncIssues as an action: inputs, ownership of states, dry runs, secrets. What it reads is tested in tests/syncing."""

from __future__ import annotations

import base64
import json
import zlib

import pytest

from tests.memoryhost import settings_for
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator.seed import second_site

_JQL = "project = DEV"


def _metadata(envelope):
    assert "error" not in envelope, envelope
    return envelope["output1"]["metadata"]


def _state(run, **inputs):
    return _metadata(run("syncIssues", **{"jql": _JQL, "fields": "summary", **inputs}))["state"]


@pytest.mark.parametrize(
    "jql", ["project = DEV ORDER BY created", "order by key", "(project = DEV", "project = DEV) OR (project = OPS"]
)
def test_a_query_with_an_order_or_loose_ends_is_refused(run, sim, jql):
    """An ORDER BY, or parentheses that do not match, are told before anything is asked."""
    error = run("syncIssues", jql=jql)["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["jql"])
    assert sim.requests_to("/rest/api/3") == []


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({"jql": "project = OPS"}, "another query"),
        ({"fields": "summary, status"}, "other fields"),
        ({"fields": "status"}, "other fields"),
    ],
)
def test_a_state_belongs_to_its_query_and_fields(run, sim, inputs, text):
    """A state of another query or other fields is refused, naming `state`, before Jira is asked."""
    state = _state(run)
    sim.clear_requests()
    error = run("syncIssues", **{"jql": _JQL, "fields": "summary", "state": state, **inputs})["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["state"])
    assert text in error["message"]
    assert sim.requests_to("/rest/api/3") == []


def test_a_state_belongs_to_its_site(run, sim, services):
    """A state of another site is refused."""
    state = _state(run)
    other = second_site(sim.clock)
    sim.sites.append(other)
    raw = settings_for(sim.grant(sites=[other]), sim.client_id, credentialId="another_credential")
    connection = Connection(load_settings(raw, services.open_record), services, clock=sim.clock)
    error = connection.execute("syncIssues", {"jql": _JQL, "fields": "summary", "state": state}, {}, {})["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["state"])
    assert "another site" in error["message"]


def test_other_wishes_do_not_need_another_state(run):
    """How many rows, how far back and how often counted may differ from call to call."""
    state = _state(run, maxRows=5)
    inputs = {"maxRows": 7, "lookBackMinutes": 60, "censusEvery": "weekly", "state": state}
    assert _metadata(run("syncIssues", jql=_JQL, fields="summary", **inputs))["count"] == 7


def test_a_state_holds_no_secret_and_no_words(run, sim):
    """Unfolded, a state has neither tokens nor a word of an issue, person or query."""
    raw = base64.urlsafe_b64decode(_state(run, fields="*all").removeprefix("sync1."))
    data = json.loads(zlib.decompress(raw[8:]))
    data.pop("columns")
    text = json.dumps(data)
    issue = sim.site.find_issue("DEV-5")
    grant = sim.authorization.grants
    assert issue.values["summary"] not in text
    assert sim.site.accounts[issue.values["reporter"]].display_name not in text
    assert sim.site.cloud_id not in text
    assert grant is not None
    assert sim.client_secret not in text
    assert not any(entry.headers["authorization"].removeprefix("Bearer ") in text for entry in sim.requests_to("/rest"))


def test_allowed_projects_confine_it(connect):
    """Issues of other projects are neither told nor in the state."""
    connection = connect(allowedProjects=["OPS"])
    output = connection.execute("syncIssues", {"jql": "project in (DEV, OPS)", "fields": "key"}, {}, {})["output1"]
    assert {row["key"].partition("-")[0] for row in output["data"]} == {"OPS"}


def test_a_field_by_name_is_a_column(run):
    """Fields are named as in a search."""
    metadata = _metadata(run("syncIssues", jql=_JQL, fields="Story Points"))
    names = [column["name"] for column in metadata["columns"]]
    assert names == ["id", "key", "url", "change", "changedAt", "previousKey", "inQuery", "Story Points"]


@pytest.mark.parametrize(
    ("inputs", "edits"),
    [({}, 0), ({}, 5), ({"census": True}, 3), ({"maxRows": 7}, 0)],
    ids=["nothing", "changes", "with a count", "going on"],
)
def test_a_dry_run_counts_what_is_to_come(run, sim, inputs, edits):
    """A dry run sends no search, and tells the requests and points of the call that follows."""
    state = _state(run, **inputs)
    sim.clock.advance(7200)
    _metadata(run("syncIssues", jql=_JQL, fields="summary", state=state, **inputs))
    sim.clock.advance(7200)
    state = _metadata(run("syncIssues", jql=_JQL, fields="summary", state=state, **inputs))["state"]
    sim.clock.advance(7200)
    for number in range(1, 1 + edits):
        issue = sim.site.find_issue(f"DEV-{number}")
        sim.site.change_issue(issue, {"summary": "Edited"}, sim.site.default_account_id)
    call = {"jql": _JQL, "fields": "summary", "state": state, **inputs}
    sim.clear_requests()
    planned = _metadata(run("syncIssues", **call, dryRun=True))
    assert sim.requests_to("/rest/api/3/search/jql") == []
    usage = _metadata(run("syncIssues", **call))["usage"]
    assert planned["estimate"] == {"requests": usage["requests"], "points": usage["points"]}


@pytest.mark.parametrize("state", ["sync1.AAAA", "sync2.AAAA", "x"])
def test_a_dry_run_refuses_what_the_call_would(run, state):
    """A state that is none is refused in a dry run too."""
    error = run("syncIssues", jql=_JQL, state=state, dryRun=True)["error"]
    assert (error["code"], list(error["errors"])) == ("input_invalid", ["state"])
