from __future__ import annotations

import json

import pytest

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
    assert "step 'b' failed; done before: a" in result.stderr
    assert "forbidden: this account may not" in result.stderr


def test_a_failed_run_as_json(run):
    """Programs get the error, the step, and what was done."""
    document = json.loads(run(FAILING, "--format", "json", "--run-id", "r1").stdout)
    assert (document["error"]["code"], document["step"], document["done"], document["runId"]) == (
        "forbidden",
        "b",
        ["a"],
        "r1",
    )


def test_a_file_can_be_checked_only(run, echo):
    """`--check` runs nothing."""
    assert run(FLOW, "--check").exit_code == 0
    assert run(FLOW.replace("echo.say", "echo.sey"), "--check").exit_code == 2
    assert echo.calls == []


def test_unknown_inputs_are_wrong_use(run, echo):
    """A misspelt input stops the run before it starts."""
    result = run(FLOW, "--input", "whom=x")
    assert result.exit_code == 2
    assert "no input whom; it has: times, who" in result.stderr
    assert echo.calls == []
