from __future__ import annotations

import pytest

from vantage_jira_plugin.host.commands.action import action_schemas
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.workflow import WorkflowError, load_workflow

GOOD = """
name: Good
inputs: {who: Ada}
steps:
  - id: hello
    action: echo.say
    inputs: {text: "hello ${inputs.who}"}
  - id: again
    action: echo.say
    when: "${steps.hello.data}"
    forEach: "${steps.hello.data}"
    inputs: {text: "${item.text}", tags: ["${run.runId}"]}
output: hello
"""


@pytest.fixture
def load(tmp_path, host):
    """Return a function that writes and reads a workflow file."""

    def run(text):
        path = tmp_path / "flow.yaml"
        path.write_text(text, encoding="utf-8")
        return load_workflow(path, lambda connector: action_schemas(host, connector))

    return run


def test_a_good_file_is_read(load):
    """Names, steps and the output step are what the file says."""
    workflow = load(GOOD)
    assert (workflow.name, workflow.inputs, workflow.output) == ("Good", {"who": "Ada"}, "hello")
    assert [(step.id, step.connector, step.action) for step in workflow.steps] == [
        ("hello", "echo", "say"),
        ("again", "echo", "say"),
    ]


def test_the_last_step_is_the_output_by_default(load):
    """Without `output` the last step's table is the result; without `name` the file's name is."""
    workflow = load("steps: [{id: a, action: echo.partly}, {id: b, action: echo.partly}]")
    assert (workflow.output, workflow.name) == ("b", "flow")


def steps(text):
    """Return a workflow of a good first step and another one."""
    return f"inputs: {{who: Ada}}\nsteps:\n  - id: first\n    action: echo.partly\n  - {text}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "a workflow is a mapping"),
        ("name: x", "steps must be a list with at least one step"),
        ("steps: []", "steps must be a list with at least one step"),
        ("stepz: 1\nsteps: [{id: a, action: echo.partly}]", "unknown key 'stepz'; did you mean 'steps'?"),
        ("a: 1\na: 2", "line 2: the key 'a' comes twice"),
        ("inputs: 5\nsteps: [{id: a, action: echo.partly}]", "inputs must be a mapping of names to defaults"),
        (steps("5"), "step 2 must be a mapping with id, action and inputs"),
        (steps("{action: echo.partly}"), "step 2 needs an id, which is text"),
        (steps("{id: first, action: echo.partly}"), "step 'first': the id is used by an earlier step"),
        (steps("{id: b, action: echo.sey}"), "step 'b': there is no action 'echo.sey'; did you mean 'say'?"),
        (steps("{id: b, action: say}"), "step 'b': action must be written plugin.action, not 'say'"),
        (steps("{id: b, action: nope.say}"), "step 'b': there is no plugin 'nope'"),
        (steps("{id: b, actoin: echo.say}"), "step 'b': unknown key 'actoin'; did you mean 'action'?"),
        (steps("{id: b, action: echo.say}"), "step 'b': input 'text' is missing"),
        (steps("{id: b, action: echo.say, inputs: [1]}"), "step 'b': inputs must be a mapping"),
        (
            steps("{id: b, action: echo.say, inputs: {text: a, tetx: 1}}"),
            "input 'tetx' is unknown; did you mean 'text'?",
        ),
        (
            steps("{id: b, action: echo.say, inputs: {text: '${inputs.whom}'}}"),
            "step 'b': input 'text': 'whom' in ${inputs.whom} is no inputs name; did you mean 'who'?",
        ),
        (
            steps("{id: b, action: echo.say, inputs: {text: '${steps.c.data}'}}\n  - {id: c, action: echo.partly}"),
            "step 'b': input 'text': 'c' in ${steps.c.data} is no earlier step",
        ),
        (steps("{id: b, action: echo.say, inputs: {text: '${steps.b.data}'}}"), "is no earlier step"),
        (steps("{id: b, action: echo.say, inputs: {text: '${steps.first.dta}'}}"), "a step has data or metadata"),
        (steps("{id: b, action: echo.say, inputs: {text: '${item.x}'}}"), "'item' in ${item.x} is none of"),
        (
            steps("{id: b, action: echo.say, inputs: {text: '${inputs.'}}"),
            "step 'b': input 'text': an expression has no",
        ),
        (steps("{id: b, action: echo.say, inputs: {text: [{deep: '${nope}'}]}}"), "'nope' in ${nope} is none of"),
        (
            steps("{id: b, action: echo.say, inputs: {text: 5}}"),
            "step 'b': input 'text': must be string, not integer",
        ),
        (
            steps("{id: b, action: echo.say, inputs: {text: a, tags: [a, {b: '${inputs.who}'}]}}"),
            "step 'b': input 'tags': item 2 must be string, not object",
        ),
        (steps("{id: b, action: echo.partly, when: 'yes'}"), "step 'b': when must be one expression"),
        (steps("{id: b, action: echo.partly, forEach: 'a ${inputs.who}'}"), "step 'b': forEach must be one expression"),
        (steps("{id: b, action: echo.partly, credential: 5}"), "step 'b': credential must be text"),
        (
            steps("{id: b, action: echo.partly}") + "output: frist",
            "output names no step: 'frist'; did you mean 'first'?",
        ),
    ],
)
def test_mistakes_are_named_before_anything_runs(load, echo, text, problem):
    """Each mistake is reported with file, step and input, and no action was called."""
    with pytest.raises(WorkflowError) as caught:
        load(text)
    assert any(problem in found for found in caught.value.problems), caught.value.problems
    assert "flow.yaml" in str(caught.value)
    assert echo.calls == []


def test_what_only_the_run_knows_is_not_judged(load):
    """A text with an expression in it may become anything that the input takes."""
    load(steps("{id: b, action: echo.say, inputs: {text: x, times: '${inputs.who}', tags: ['${inputs.who}', a]}}"))


def test_a_step_knows_whether_it_writes(tmp_path):
    """The manifest says so."""
    path = tmp_path / "flow.yaml"
    path.write_text("steps: [{id: a, action: x.put}, {id: b, action: x.get}]", encoding="ascii")
    workflow = load_workflow(path, lambda _connector: {"put": {"writes": True}, "get": {"writes": False}})
    assert [step.writes for step in workflow.steps] == [True, False]


def test_all_mistakes_are_reported_at_once(load):
    """One run of the check is enough."""
    with pytest.raises(WorkflowError) as caught:
        load(steps("{id: first, action: echo.sey, inputs: {text: '${x}'}}") + "output: z\nfoo: 1")
    assert (len(caught.value.problems), caught.value.steps) == (5, 2)


def test_a_missing_file_is_a_workflow_error(tmp_path):
    """A path that leads nowhere is wrong use, like any other mistake."""
    with pytest.raises(HostError, match="No such file"):
        load_workflow(tmp_path / "none.yaml", lambda _connector: {})
