from __future__ import annotations

from vantage_jira_plugin.host.spelling import did_you_mean


def test_the_nearest_name_is_offered():
    """One near name is better than a list."""
    assert did_you_mean("summry", ["summary", "status"]) == "; did you mean 'summary'?"


def test_a_few_names_are_listed_and_many_are_not():
    """A list that nobody would read is left out."""
    assert did_you_mean("x", ["beta", "alpha"]) == "; known: alpha, beta"
    assert did_you_mean("x", [f"name{number}" for number in range(50)]) == ""
    assert did_you_mean("x", []) == ""
