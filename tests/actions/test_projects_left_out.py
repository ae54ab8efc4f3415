"""Queries of a connection with `allowedProjects` that name other projects."""

from __future__ import annotations

import pytest

from tests.actions.test_contract import GOOD
from vantage_jira_plugin.actions import ACTIONS

_OF_QUERIES = [name for name in ACTIONS if "jql" in GOOD[name]]


@pytest.mark.parametrize("action", _OF_QUERIES)
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_query_for_another_project_is_refused(connect, sim, action, dry_run):
    """An empty table that says nothing would pass for the truth; nothing is sent."""
    connection = connect(allowedProjects=["DEV"])
    inputs = {**GOOD[action], "jql": "project = OPS AND status = Done", "dryRun": dry_run}
    error = connection.execute(action, inputs, {}, {})["error"]
    assert (error["code"], error["message"]) == (
        "project_not_allowed",
        "this connection may not touch project OPS; it may touch: DEV",
    )
    assert sim.requests_to("/rest") == []


@pytest.mark.parametrize("action", _OF_QUERIES)
def test_a_query_that_also_names_another_project_is_warned_about(connect, action):
    """The issues of those that are allowed come, and it is said that others do not."""
    connection = connect(allowedProjects=["DEV"])
    inputs = {**GOOD[action], "jql": "project in (DEV, OPS)"}
    metadata = connection.execute(action, inputs, {}, {})["output1"]["metadata"]
    assert any(warning.startswith("this connection may not touch project OPS") for warning in metadata["warnings"])


def test_the_second_query_of_an_action_counts_as_well(connect):
    """agingWork compares with the issues of another query."""
    inputs = {"jql": "project = DEV", "pastJql": "project = OPS"}
    error = connect(allowedProjects=["DEV"]).execute("agingWork", inputs, {}, {})["error"]
    assert error["code"] == "project_not_allowed"


def test_without_the_setting_nothing_is_said(connect):
    """Every project may be named."""
    assert connect().execute("searchIssues", {"jql": "project = OPS"}, {}, {})["output1"]["metadata"]["warnings"] == []
