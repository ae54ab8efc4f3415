from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.host.echo import UnreachableError
from vantage_jira_plugin.contract import hookimpl
from vantage_jira_plugin.host.commands.workflow import done_line
from vantage_jira_plugin.host.workflow import Step

FLOW = """
name: Greet
inputs: {who: Ada, times: 1}
steps:
  - id: hello
    action: echo.say
    inputs: {text: "hello ${inputs.who}", times: "${inputs.times}"}
  - id: never
    action: echo.partly
    when: "${steps.hello.metadata.nothing}"
output: hello
"""
FAILING = "steps: [{id: a, action: echo.partly}, {id: b, action: echo.fail}, {id: c, action: echo.partly}]"


@pytest.fixture
def run(command, host, tmp_path):
    """Return a function that writes a workflow file and runs it."""

    def start(text, *arguments):
        path = tmp_path / "flow.yaml"
        path.write_text(text, encoding="utf-8")
        return command("workflow", str(path), "--credential", "c1", *arguments)

    return start


def test_the_output_steps_table_is_printed(run):
    """Data goes to stdout, one line per step to stderr."""
    result = run(FLOW, "--input", "who=007", "--input", "times=2", "--run-id", "r1")
    assert result.exit_code == 0
    assert result.stdout == "text       tags  number\nhello 007        1\nhello 007        1\n"
    assert result.stderr.splitlines() == [
        "Greet: run r1",
        "hello: echo.say 2 rows, 1 request, 2 points",
        "never: echo.partly skipped",
    ]


def test_a_failed_step_is_never_a_table(run):
    """The run ends with status 1, says which step failed and which were done, and prints no rows."""
    result = run(FAILING)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[3:7] == [
        "step 'b' failed; done before:",
        "  a: echo.partly read 1 row: some",
        "forbidden: this account may not",
        "  text: is not liked",
    ]


def test_every_step_tells_what_is_missing_and_what_it_warns_of(run):
    """Not only the output step, and each text once, however many calls gave it and whether or not it is the output."""
    text = "steps: [{id: a, action: echo.partly, forEach: '${inputs.items}'}, {id: b, action: echo.partly}]\n"
    result = run("inputs: {items: [1, 2]}\n" + text)
    assert result.stderr.splitlines()[1:] == [
        "a: echo.partly 2 rows, 2 requests, 4 points; incomplete: stopped at maxRows",
        "warning: a: slow",
        "b: echo.partly 1 row, 1 request, 2 points; incomplete: stopped at maxRows",
        "warning: b: slow",
        "incomplete: stopped at maxRows; there are more: go on with the input nextPageToken=p2, or raise maxRows",
    ]


def test_a_failed_step_tells_what_its_calls_before_warned_of(run, echo, monkeypatch):
    """A step that failed midway has no line of its own."""
    execute = type(echo).vantage_execute_action

    @hookimpl
    def second_fails(self, connection, action, inputs, config, context):
        name = "fail" if self.calls else action
        return execute(self, connection, name, inputs, config, context)

    monkeypatch.setattr(type(echo), "vantage_execute_action", second_fails)
    result = run("inputs: {items: [1, 2]}\nsteps: [{id: a, action: echo.partly, forEach: '${inputs.items}'}]")
    assert result.stderr.splitlines()[1:3] == [
        "warning: a: slow",
        "step 'a' failed after 1 call of it that worked; done before:",
    ]


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize(("keyed", "advised"), [(True, True), (False, False)])
def test_a_run_that_wrote_and_may_go_on_says_how(run, echo, monkeypatch, form, keyed, advised):
    """The step that failed only reads, the one before has written: a new run would write again."""
    describe, execute = type(echo).vantage_manifest, type(echo).vantage_execute_action

    @hookimpl
    def manifest(self):
        described = describe(self)
        described["actions"][0]["writes"] = True
        if keyed:
            described["actions"][0]["inputs"]["properties"]["idempotencyKey"] = {"type": "string"}
        return described

    @hookimpl
    def unreachable(self, connection, action, inputs, config, context):
        if action == "fail":
            raise UnreachableError("no answer")
        return execute(self, connection, action, inputs, config, context)

    monkeypatch.setattr(type(echo), "vantage_manifest", manifest)
    monkeypatch.setattr(type(echo), "vantage_execute_action", unreachable)
    text = "steps: [{id: a, action: echo.say, inputs: {text: x}}, {id: b, action: echo.fail}]"
    result = run(text, "--format", form, "--run-id", "r1")
    assert result.exit_code == 1
    assert (result.stderr.splitlines()[-1].strip() == "run it again with --run-id r1") is advised


def test_a_failure_midway_does_not_hide_what_was_done(run):
    """The rows of finished calls, those of the failed step among them, are named on stderr and whole in JSON."""
    text = (
        "inputs: {items: [a, null]}\n"
        "steps: [{id: s, action: echo.say, forEach: '${inputs.items}', inputs: {text: 'x ${item}'}}]"
    )
    result = run(text, "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["done"] == [
        {"step": "s", "action": "echo.say", "rows": [{"text": "x a", "tags": None, "number": 1}]}
    ]
    assert result.stderr.splitlines()[1:] == [
        "step 's' failed after 1 call of it that worked; done before:",
        "  s: echo.say read 1 row: x a",
    ]


def test_a_failure_of_the_first_call_says_that_nothing_was_done(run):
    """Nobody has to wonder."""
    result = run("steps: [{id: b, action: echo.fail}]")
    assert "step 'b' failed; nothing was done before" in result.stderr


def test_a_run_that_is_broken_off_tells_what_was_done(run, echo, monkeypatch):
    """Ctrl-C in the middle hides nothing that was written."""
    execute = type(echo).vantage_execute_action

    @hookimpl
    def interrupted(self, connection, action, inputs, config, context):
        if inputs.get("text") == "b":
            raise KeyboardInterrupt
        return execute(self, connection, action, inputs, config, context)

    monkeypatch.setattr(type(echo), "vantage_execute_action", interrupted)
    result = run(
        "inputs: {items: [a, b]}\n"
        "steps: [{id: s, action: echo.say, forEach: '${inputs.items}', inputs: {text: '${item}'}}]"
    )
    assert result.exit_code == 1
    assert result.stderr.splitlines()[1:3] == ["the run was broken off; done before:", "  s: echo.say read 1 row: a"]


def test_every_row_that_was_written_is_named():
    """A step that reads many rows shows a few; none that was written is left out."""
    rows = [{"id": str(number), "key": f"DEV-{number}"} for number in range(1, 41)]
    reading = Step("find", "jira", "searchIssues", {})
    assert done_line(reading, rows).endswith("DEV-9, DEV-10 and 30 more")
    written = done_line(replace(reading, id="bug", action="createIssue", writes=True), rows)
    assert written.startswith("bug: jira.createIssue wrote 40 rows: DEV-1, DEV-2, ")
    assert written.endswith("DEV-39, DEV-40")
    assert done_line(reading, []) == "find: jira.searchIssues read 0 rows"


def test_a_workflow_leaves_people_the_way_unless_told_otherwise(run, echo):
    """Its calls are background work by default; `--priority interactive` says that somebody waits."""
    run(FLOW)
    run(FLOW, "--priority", "interactive")
    assert [call[2]["priority"] for call in echo.calls] == ["background", "interactive"]


def test_a_run_under_the_same_id_makes_the_same_calls(run, echo):
    """Run and node are the same again, so that a plugin can tell that it has written this before."""
    for _ in "12":
        run(FLOW, "--run-id", "r1")
    assert echo.calls[0][2] == echo.calls[1][2]


def test_a_failed_run_as_json(run):
    """Programs get the error, the step, and what was done."""
    document = json.loads(run(FAILING, "--format", "json", "--run-id", "r1").stdout)
    assert (document["error"]["code"], document["step"], document["done"], document["runId"]) == (
        "forbidden",
        "b",
        [{"step": "a", "action": "echo.partly", "rows": [{"text": "some", "tags": None, "number": 1}]}],
        "r1",
    )


def test_a_file_can_be_checked_only(run, echo):
    """`--check` runs nothing."""
    assert run(FLOW, "--check").exit_code == 0
    assert run(FLOW.replace("echo.say", "echo.sey"), "--check").exit_code == 2
    assert echo.calls == []


def test_a_check_as_json(run, echo):
    """Programs get how many steps there are and what is wrong, and the same exit status."""
    good = run(FLOW, "--check", "--format", "json")
    assert (good.exit_code, json.loads(good.stdout)) == (0, {"steps": 2, "problems": []})
    bad = run(FLOW.replace('"hello ${inputs.who}"', "5"), "--check", "--format", "json")
    problem = "step 'hello': input 'text': must be string, not integer"
    assert (bad.exit_code, json.loads(bad.stdout)) == (2, {"steps": 2, "problems": [problem]})
    assert problem in bad.stderr
    assert "flow.yaml" in bad.stderr
    assert echo.calls == []


def test_a_literal_that_cannot_be_right_stops_the_run_before_it_starts(run, echo):
    """A later step's mistake leaves no half done run behind."""
    result = run("steps: [{id: a, action: echo.partly}, {id: b, action: echo.say, inputs: {text: [x]}}]")
    assert (result.exit_code, result.stdout, echo.calls) == (2, "", [])
    assert "step 'b': input 'text': must be string, not array" in result.stderr


def test_unknown_inputs_are_wrong_use(run, echo):
    """A misspelt input stops the run before it starts."""
    result = run(FLOW, "--input", "whom=x")
    assert result.exit_code == 2
    assert "no input whom; it has: times, who" in result.stderr
    assert echo.calls == []
