"""listUsers over real pages."""

from __future__ import annotations

from vantage_jira_plugin.simulator import Fault


def test_every_user_is_a_row(run, sim):
    """People and apps, active or not."""
    output = run("listUsers")["output1"]
    assert {row["accountId"] for row in output["data"]} == set(sim.site.accounts)
    assert output["metadata"]["complete"] is True


def test_people_alone(run):
    """By type, and those that are active."""
    rows = run("listUsers", accountType="atlassian", activeOnly=True)["output1"]["data"]
    assert {(row["accountType"], row["active"]) for row in rows} == {("atlassian", True)}


def test_whoever_may_not_browse_users_is_told(run, sim):
    """Jira answers nothing at all, which is no whole list."""
    sim.faults.add(Fault("answer", path="/users/search", status=200, body=[]))
    metadata = run("listUsers")["output1"]["metadata"]
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "permission")
    assert "Browse users and groups" in metadata["warnings"][0]


def test_the_estimate_is_the_most_that_it_may_come_to(run):
    """Nobody counts users beforehand."""
    estimate = run("listUsers", maxRows=10, dryRun=True)["output1"]["metadata"]["estimate"]
    usage = run("listUsers", maxRows=10)["output1"]["metadata"]["usage"]
    assert estimate == {"requests": 2, "points": 2002, "atLeast": {"requests": 1, "points": 1}}
    assert usage["points"] <= estimate["points"]
