from __future__ import annotations

from array import array

from vantage_jira_plugin.simulator.issues import Issue
from vantage_jira_plugin.simulator.seen import Seen


def test_issues_are_looked_up_when_they_are_wanted() -> None:
    """What is seen are the issues of the ids in their order, with their values of now."""
    issues = {number: Issue(number, "", number, "1", {"n": number}, 0.0) for number in (1, 2, 3)}
    seen = Seen(issues, array("q", [3, 1]))
    issues[3].write({"n": "new"}, 1.0)
    assert [(issue.id, values) for issue, values in seen] == [(3, {"n": "new"}), (1, {"n": 1})]
    assert seen.listed() == [issues[3], issues[1]]
