"""What holds for every action, whatever it does."""

from __future__ import annotations

import inspect
import os
import re
from pathlib import Path

import pytest
import yaml

from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.manifest import manifest
from vantage_jira_plugin.schemas import json_schema

_ROOT = Path(__file__).parents[2]
#: A good call of every action.
GOOD = {
    "listSites": {},
    "getAccessibleProjects": {"query": "dev", "maxRows": 10, "raw": False},
    "createIssue": {
        "projectKey": "DEV",
        "issueType": "Bug",
        "summary": "Automated test failure in feature X",
        "description": "Tests failed:\n\n```\nassert 1 == 2\n```",
        "priority": "High",
        "labels": ["automation", "bug"],
        "assigneeAccountId": None,
        "idempotencyKey": "run-1/create",
    },
    "getIssue": {"issueKey": "DEV-1", "fields": "summary,status", "raw": True},
    "updateIssue": {
        "issueKey": "DEV-1",
        "issueType": "Bug",
        "summary": "Another",
        "description": None,
        "priority": "Low",
        "labels": ["a"],
        "assigneeAccountId": None,
        "duedate": "2026-12-31",
        "idempotencyKey": "run-1/update",
    },
    "addComment": {"issueKey": "DEV-1", "body": "Seen *again*.", "idempotencyKey": "run-1/comment"},
    "addWorklog": {
        "issueKey": "DEV-1",
        "timeSpent": "3h 20m",
        "started": "2026-01-31T09:30:00+01:00",
        "comment": "Found *it*.",
        "adjustEstimate": "leave",
        "idempotencyKey": "run-1/worklog",
    },
    "addAttachment": {
        "issueKey": "DEV-1",
        "fileName": "report.txt",
        "text": "1 failed\n",
        "mimeType": "text/plain",
        "idempotencyKey": "run-1/attachment",
    },
    "keepAlive": {"idleDays": 30},
    "listComments": {
        "jql": "project = DEV",
        "since": "2026-01-31T09:30:00+01:00",
        "textFormat": "plain",
        "maxRows": 100,
        "raw": False,
    },
    "listWorklogs": {
        "jql": "project = DEV",
        "since": "2026-01-01T00:00:00Z",
        "until": "2126-01-01T00:00:00Z",
        "textFormat": "plain",
        "maxRows": 100,
        "raw": False,
    },
    "listChangelog": {
        "jql": "project = DEV",
        "fields": ["status"],
        "since": "2026-01-01T00:00:00Z",
        "until": "2126-01-01T00:00:00Z",
        "maxRows": 100,
        "raw": False,
    },
    "listIssueLinks": {"jql": "project = DEV", "maxRows": 100, "raw": False},
    "listSprints": {"jql": "project = DEV", "maxRows": 100, "raw": False},
    "listUsers": {"accountType": "atlassian", "activeOnly": True, "maxRows": 100, "raw": False},
    "searchIssues": {"jql": "project = DEV", "fields": ["summary"], "maxRows": 3, "raw": False},
    "syncIssues": {
        "jql": "project = DEV",
        "fields": ["summary"],
        "maxRows": 100,
        "lookBackMinutes": 5,
        "censusEvery": "weekly",
        "census": True,
        "confirmDeletions": False,
    },
    "exportIssues": {
        "jql": "project = DEV",
        "fields": ["summary"],
        "target": f"memory://exports-{os.getpid()}/issues.ndjson",
        "format": "ndjson",
        "maxRows": 3,
        "overwrite": True,
        "resume": True,
    },
}
#: Inputs of the actions about the flow of work.
_WORK = {
    "startStatuses": ["In Progress", "In Review"],
    "endStatuses": "Done",
    "workingHours": "Mon-Thu 09:00-12:00, Mon-Thu 13:00-18:00; Fri 09:00-15:00",
    "timeZone": "Europe/Berlin",
    "holidays": ["2026-12-25"],
}
GOOD |= {
    "cycleTime": {"jql": "project = DEV", "maxIssues": 100, **_WORK},
    "timeInStatus": {
        "jql": "project = DEV",
        "maxIssues": 10,
        **{name: _WORK[name] for name in ("workingHours", "timeZone", "holidays")},
    },
    "agingWork": {"jql": "project = DEV", "pastJql": "project in (DEV, OPS)", "maxIssues": 100, **_WORK},
    "throughput": {
        "jql": "project = DEV",
        "maxIssues": 100,
        "endStatuses": "Done",
        "interval": "month",
        "firstDay": "2026-01-31",
        "timeZone": "Europe/Berlin",
        "groupBy": "issuetype",
        "averagedIntervals": 3,
        "maxRows": 1000,
    },
}
GOOD |= {
    "issueTrends": {
        "jql": "project = DEV",
        "interval": "month",
        "groupBy": "component",
        "resolvedBy": "statusCategory",
        "timeZone": "Europe/Berlin",
        "firstDay": "2026-01-31",
        "maxIssues": 100,
        "maxRows": 1000,
    },
    "cumulativeFlow": {
        "jql": "project = DEV",
        "interval": "week",
        "by": "statusCategory",
        "timeZone": "Europe/Berlin",
        "firstDay": "2026-01-31",
        "maxIssues": 100,
        "maxRows": 1000,
    },
    "sprintReport": {
        "jql": "project = DEV",
        "sprint": "dev sprint 1",
        "pointsField": "Story Points",
        "layout": "sprints",
        **{name: _WORK[name] for name in ("workingHours", "timeZone", "holidays")},
        "maxIssues": 100,
    },
    "projectTimeline": {
        "jql": "project = DEV",
        "startField": "created",
        "timeZone": "Europe/Berlin",
        "maxIssues": 100,
    },
}
#: What must have been done for a good call to find something.
_BEFORE = {"listWorklogs": "addWorklog"}
_WRONG_TYPES = [7, 1.5, True, {"a": 1}, [{"a": 1}], [7]]
_PATHS = ["OPS-1/../x", "../DEV-1", "DEV-1?x=1", "DEV-1#x", "DEV-1%2f..", "DEV 1", "DEV-1/comment", "DEV\\1", "DEV-0"]

#: Texts that are not of the form that an input has.
_WRONG_TEXTS = {
    "state": ["no state", "sync1.", "sync1.AAAA", "sync0.AAAA"],
    "censusEvery": ["hourly"],
    "target": ["no/such/folder/issues.csv", "zip://a.csv::s3://b/c.zip", "nosuch://b/a.csv", "s3://b/"],
    "format": ["xlsx", "csv|ndjson"],
    "issueKey": _PATHS,
    "projectKey": _PATHS,
    "assigneeAccountId": ["dev@example.com"],
    "duedate": ["31.12.2026", "2026-02-30"],
    "timeSpent": ["90", "3h20x", "1:30", "-1h", "PT3H"],
    "started": ["2026-01-31T09:30:00", "2026-01-31", "yesterday", "2026-02-30T09:30:00Z"],
    "adjustEstimate": ["new"],
    "textFormat": ["html", "Plain"],
    "timeZone": ["Europe/Atlantis", "America", "../UTC", "+02:00"],
    "workingHours": ["9 to 5", "Mon 22:00-06:00", "Mon 09:00-12:00; Mon 11:00-13:00"],
    "holidays": ["2026-02-30", ["2026-12-25", "Christmas"]],
    "interval": ["year", "Week"],
    "groupBy": ["colour"],
    "resolvedBy": ["Resolution", "done"],
    "by": ["category"],
    "layout": ["Burndown"],
    "firstDay": ["31.01.2026", "1999-12-31"],
    "lastDay": ["2026-02-30", "1999-12-31"],
    "accountType": ["people"],
    "since": ["2026-01-31T09:30:00", "yesterday"],
    "until": ["2026-01-31", "2026-02-30T09:30:00Z"],
    "fileName": ["a/b.txt", "..", ".", "a\\b.txt", 'a"b.txt', "two\nlines"],
    "contentBase64": ["not base64!", "YQ", "===="],
    "mimeType": ["text", "text/plain; charset=utf-8", "text/pl ain", "text/plain\r\nX: y"],
}


def _inputs():
    for name, action in ACTIONS.items():
        for input_name, field in json_schema(action.inputs)["properties"].items():
            yield name, input_name, field, input_name in json_schema(action.inputs).get("required", [])


def _kinds(field):
    kinds = field.get("type")
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _wrong():
    """Every wrong value of every input: `(action, input, value)`."""
    for action, name, field, required in _inputs():
        kinds = _kinds(field)
        if required:
            yield action, name, "missing"
            yield action, name, ""
            yield action, name, "   "
            yield action, name, None
        for value in _WRONG_TYPES:
            kind = {int: "integer", float: "number", bool: "boolean", dict: "object", list: "array"}[type(value)]
            fits = kind in kinds or (kind == "integer" and "number" in kinds)
            if not fits or (kind == "array" and kinds & {"array"}):
                yield action, name, value
        if "string" in kinds and "maxLength" in field:
            yield action, name, "x" * (field["maxLength"] + 1)
            yield action, name, "bell\x07"
        if "array" in kinds:
            yield action, name, ["x"] * 501
            yield action, name, ["x" * (field["items"]["maxLength"] + 1)]
            yield action, name, ["bell\x07"]
            yield action, name, [""]
        if "integer" in kinds:
            yield action, name, field["minimum"] - 1
            yield action, name, field["maximum"] + 1
            yield action, name, "many"
        for value in _WRONG_TEXTS.get(name, ()):
            yield action, name, value
        if name == "labels":
            yield action, name, ["two words"]


_CASES = [
    pytest.param(*case, id=f"{case[0]}-{case[1]}-{repr(case[2])[:24]}-{number}") for number, case in enumerate(_wrong())
]


@pytest.mark.parametrize(("action", "name", "value"), _CASES)
def test_bad_input_never_reaches_jira(shared_connection, action, name, value):
    """A missing, mistyped, empty, too long or path-like input gives input_invalid naming it; nothing is sent."""
    connection, sim = shared_connection
    inputs = {**GOOD[action], name: value}
    if value == "missing":
        del inputs[name]
    before = len(sim.requests)
    envelope = connection.execute(action, inputs, {}, {})
    assert envelope["error"]["code"] == "input_invalid", envelope
    assert list(envelope["error"]["errors"]) == [name]
    assert name in envelope["error"]["message"]
    assert len(sim.requests) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_unknown_inputs_are_refused_with_the_nearest(shared_connection, action):
    """A misspelt input is refused, and the right name is offered."""
    connection, sim = shared_connection
    name = next(iter(GOOD[action]), "raw")
    before = len(sim.requests)
    error = connection.execute(action, {**GOOD[action], f"{name}s": 1}, {}, {})["error"]
    assert error["code"] == "input_invalid"
    assert f"did you mean {name}?" in error["errors"][f"{name}s"][0]
    assert len(sim.requests) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_good_call_works_and_its_table_is_flat(run, action):
    """The good call answers rows of exactly the declared columns, scalars or lists of scalars."""
    if action in _BEFORE:
        assert "error" not in run(_BEFORE[action], **GOOD[_BEFORE[action]])
    envelope = run(action, **GOOD[action])
    assert "error" not in envelope, envelope
    output = envelope["output1"]
    names = [column["name"] for column in output["metadata"]["columns"]]
    assert len(set(names)) == len(names)
    assert output["metadata"]["count"] == len(output["data"]) > 0
    assert output["metadata"]["action"] == action
    for row in output["data"]:
        assert [name for name in row if name != "_raw"] == names
        for name in names:
            cell = row[name]
            assert not isinstance(cell, dict)
            assert not isinstance(cell, list) or all(not isinstance(item, (dict, list)) for item in cell)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_function_and_schema_agree(action):
    """The function's keyword-only parameters are the schema's fields, without defaults; `dryRun` is not among them."""
    parameters = [
        parameter
        for parameter in inspect.signature(action.run).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    assert {parameter.name for parameter in parameters} == set(action.inputs().fields) - {"dry_run"}
    assert all(parameter.default is inspect.Parameter.empty for parameter in parameters)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_a_read_says_what_it_would_cost(action):
    """What writes is rehearsed; anything else has an estimate."""
    assert (action.estimate is None) is action.writes


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_docstring_says_what_and_whence(action):
    """The docstring starts with a sentence and cites its source."""
    assert re.match(r"^[A-Z][^\n]*\.$", action.description)
    assert re.search(r"^\s*Source: (GET|POST|PUT) /", action.run.__doc__, re.MULTILINE)


def test_plugin_yaml_is_the_manifest():
    """The file at the top is the manifest, to the letter."""
    assert yaml.safe_load((_ROOT / "plugin.yaml").read_text(encoding="utf-8")) == manifest()


@pytest.mark.parametrize("action", ACTIONS)
def test_readme_has_a_row(action):
    """The README's table names every action."""
    assert f"| `{action}` |" in (_ROOT / "README.md").read_text(encoding="utf-8")


def test_every_action_is_called_well_here():
    """This file knows a good call of every action, with every input that matters."""
    assert set(GOOD) == set(ACTIONS)


def test_every_file_is_in_the_catalogue():
    """A file of actions that is not composed into the catalogue would be no action at all."""
    files = {path.stem for path in (_ROOT / "vantage_jira_plugin" / "actions").glob("[a-z]*.py")}
    assert {action.run.__module__.rpartition(".")[2] for action in ACTIONS.values()} == files
