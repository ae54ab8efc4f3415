from __future__ import annotations

import pytest

from vantage_jira_plugin.host.commands.output import print_output


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"complete": False}, "incomplete: the plugin does not say why"),
        (
            {"complete": False, "incompleteReason": "maxRows"},
            "incomplete: stopped at maxRows; there are more: raise maxRows",
        ),
        (
            {"complete": False, "incompleteReason": "maxIssues, maxRows"},
            "incomplete: stopped at maxIssues, maxRows; there are more: raise maxIssues and maxRows",
        ),
        (
            {"complete": False, "incompleteReason": "time", "nextPageToken": "p"},
            "incomplete: time: go on with the input nextPageToken=p",
        ),
        ({"complete": True, "nextPageToken": "p"}, "next page: nextPageToken=p"),
        ({"complete": True}, ""),
    ],
)
def test_how_to_go_on_is_told(capsys, more, words):
    """Only what is known is said."""
    print_output({"output1": {"data": [], "metadata": {"columns": [], **more}}}, "csv")
    assert capsys.readouterr().err.strip() == words


@pytest.mark.parametrize(("form", "told"), [("table", True), ("csv", True), ("ndjson", True), ("json", False)])
def test_where_the_state_is_is_told(capsys, form, told):
    """A table that goes on by its state says so, and where the state is when it is not printed."""
    metadata = {"columns": [], "complete": False, "incompleteReason": "maxRows", "state": "s1"}
    print_output({"output1": {"data": [], "metadata": metadata}}, form)
    seen = capsys.readouterr().err
    assert "incomplete: stopped at maxRows; there are more: go on with its state, or raise maxRows\n" in seen
    assert ("metadata.state, which is only in --format json" in seen) is told


@pytest.mark.parametrize(("form", "told"), [("table", True), ("csv", True), ("json", False), ("ndjson", False)])
def test_values_that_a_table_cannot_show_are_named(capsys, form, told):
    """What was asked for with raw=true is in JSON only, and that is said."""
    metadata = {"columns": [{"name": "key"}], "complete": True}
    print_output({"output1": {"data": [{"key": "A-1", "_raw": {"a": 1}}], "metadata": metadata}}, form)
    seen = capsys.readouterr()
    assert ("_raw is only in --format json and ndjson" in seen.err) is told
    assert ("_raw" in seen.out) is not told


def test_a_dry_run_says_what_a_real_one_would_do(capsys):
    """What it would use, and each write that it would send."""
    plan = [{"does": "add the comment", "method": "POST", "path": "/rest/api/3/issue/A-1/comment", "body": {"body": 1}}]
    metadata = {"columns": [], "dryRun": True, "estimate": {"requests": 2, "points": 1}, "plan": plan}
    print_output({"output1": {"data": [], "metadata": metadata}}, "csv")
    assert capsys.readouterr().err.splitlines() == [
        "dry run: a real one would use 2 requests and 1 point",
        "it would add the comment: POST /rest/api/3/issue/A-1/comment (--format json shows the body)",
    ]


def test_a_dry_run_that_knows_bounds_tells_both(capsys):
    """What it may come to, and what it takes at least."""
    estimate = {"requests": 4, "points": 240, "seconds": 0.5, "atLeast": {"requests": 1, "points": 101}}
    print_output({"output1": {"data": [], "metadata": {"columns": [], "dryRun": True, "estimate": estimate}}}, "table")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("at most 4 requests, 240 points and 0.5 seconds, at least 1 request and 101 points")


def test_a_dry_run_of_reads_says_how_many(capsys):
    """Reads have no body to show: how many they are is told, and how many of them at once."""
    read = {"method": "POST", "path": "/rest/api/3/search/jql"}
    plan = [
        {**read, "does": "count the issues", "requests": 1, "atOnce": 1},
        {**read, "does": "search issues", "requests": 9, "atOnce": 8},
    ]
    metadata = {
        "columns": [],
        "dryRun": True,
        "estimate": {"requests": 10, "points": 900, "seconds": 2.5},
        "plan": plan,
    }
    print_output({"output1": {"data": [], "metadata": metadata}}, "csv")
    assert capsys.readouterr().err.splitlines() == [
        "dry run: a real one would use 10 requests, 900 points and 2.5 seconds",
        "it would count the issues: POST /rest/api/3/search/jql (1 request)",
        "it would search issues: POST /rest/api/3/search/jql (9 requests, 8 at once)",
    ]


@pytest.mark.parametrize(("warned", "words"), [(False, "warning: a\\x1b[31m"), (True, "")])
def test_warnings_are_told_unless_they_were(capsys, warned, words):
    """A workflow tells them step by step; what a service says in them cannot steer the terminal."""
    metadata = {"columns": [], "warnings": ["a\x1b[31m"]}
    print_output({"output1": {"data": [], "metadata": metadata}}, "csv", warned=warned)
    assert capsys.readouterr().err.strip() == words
