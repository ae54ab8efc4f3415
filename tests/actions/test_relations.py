"""listIssueLinks and listSprints over a simulated site: each link and each sprint once."""

from __future__ import annotations

from vantage_jira_plugin.simulator import Fault

_DEV = "project = DEV ORDER BY key ASC"


def _output(envelope):
    assert "error" not in envelope, envelope
    return envelope["output1"]


def test_a_link_between_two_found_issues_is_one_row(run, sim):
    """Both issues show it; the table has it once, from its source."""
    links = {
        link.id: link for issue in sim.site.issues.values() if issue.key.startswith("DEV-") for link in issue.links
    }
    rows = _output(run("listIssueLinks", jql=_DEV, raw=True))["data"]
    assert sorted(row["id"] for row in rows) == sorted(map(str, links))
    for row in rows:
        link = links[int(row["id"])]
        assert (row["sourceId"], row["targetId"]) == (str(link.source_id), str(link.target_id))
        assert row["_raw"]["id"] == row["id"]


def test_sprints_are_counted(run, sim):
    """Each sprint of the issues is a row, with how many of them it has or had."""
    rows = _output(run("listSprints", jql=_DEV))["data"]
    found = [
        issue.values.get("customfield_10020") or () for issue in sim.site.issues.values() if issue.key[:4] == "DEV-"
    ]
    counts = {str(number): sum(number in sprints for sprints in found) for sprints in found for number in sprints}
    assert {row["id"]: row["issueCount"] for row in rows} == counts
    assert {row["state"] for row in rows} <= {"active", "closed", "future"}
    cut = _output(run("listSprints", jql=_DEV, maxRows=1))["metadata"]
    assert (cut["count"], cut["incompleteReason"]) == (1, "maxRows") if len(rows) > 1 else (1, None)


def test_a_site_without_sprints_says_so(run, sim):
    """Without Jira Software there is no such field: an empty table, and a warning."""
    sim.faults.add(Fault("answer", path="/field$", status=200, body=[]))
    output = _output(run("listSprints", jql=_DEV))
    assert (output["data"], len(output["metadata"]["warnings"])) == ([], 1)
