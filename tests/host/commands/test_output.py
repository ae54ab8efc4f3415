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


@pytest.mark.parametrize(("warned", "words"), [(False, "warning: a\\x1b[31m"), (True, "")])
def test_warnings_are_told_unless_they_were(capsys, warned, words):
    """A workflow tells them step by step; what a service says in them cannot steer the terminal."""
    metadata = {"columns": [], "warnings": ["a\x1b[31m"]}
    print_output({"output1": {"data": [], "metadata": metadata}}, "csv", warned=warned)
    assert capsys.readouterr().err.strip() == words
