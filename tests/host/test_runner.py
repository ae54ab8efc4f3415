from __future__ import annotations

import re

import pytest

from tests.host.echo import UnreachableError
from vantage_jira_plugin.host.commands.action import action_schemas
from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.runner import run_workflow
from vantage_jira_plugin.host.workflow import load_workflow


@pytest.fixture
def run(tmp_path, host):
    """Return a function that writes, checks and runs a workflow file."""

    def start(text, credential_id="c1", inputs=None, **more):
        path = tmp_path / "flow.yaml"
        path.write_text(text, encoding="utf-8")
        workflow = load_workflow(path, lambda connector: action_schemas(host, connector))
        start.workflow = workflow
        return run_workflow(workflow, host, inputs=inputs or {}, run_id="r1", credential_id=credential_id, **more)

    start.host = host
    return start


def test_outputs_feed_inputs(run, echo):
    """A later step sees an earlier one's rows, the inputs and the run, each with its own type."""
    result = run(
        "inputs: {n: 2, who: Ada}\n"
        "steps:\n"
        "  - {id: a, action: echo.say, inputs: {text: 'hi ${inputs.who}', times: '${inputs.n}'}}\n"
        "  - {id: b, action: echo.say, inputs: {text: '${steps.a.data[1].text} in ${run.runId}'}}\n",
        inputs={"who": "Bob"},
    )
    assert result.failure is None
    assert [call[1] for call in echo.calls] == [{"text": "hi Bob", "times": 2}, {"text": "hi Bob in r1"}]
    assert len(result.outputs["a"]["data"]) == 2


def test_the_context_names_run_node_and_type(run, echo):
    """Each call can be told from every other, so that no two writes of a run share an idempotency key."""
    run(
        "name: a/flow~\n"
        "steps:\n"
        "  - {id: a, action: echo.say, inputs: {text: x, times: 2}}\n"
        "  - {id: b, action: echo.say, forEach: '${steps.a.data}', inputs: {text: '${item.text}'}}\n",
        timeout_seconds=9.0,
    )
    common = {"runId": "r1", "nodeType": "say", "priority": "background", "timeoutSeconds": 9.0}
    nodes = [call[2]["nodeId"] for call in echo.calls]
    assert [call[2] for call in echo.calls] == [{**common, "nodeId": node} for node in nodes]
    assert nodes[0] == "a~1flow~0/a"
    digest = nodes[1].removeprefix("a~1flow~0/b[").removesuffix("]")
    assert re.fullmatch("[0-9a-f]{16}", digest)
    assert nodes[2] == f"a~1flow~0/b[{digest}.2]"


_EACH = "inputs: {{items: {}}}\nsteps: [{{id: a, action: echo.say, forEach: '${{inputs.items}}', inputs: {}}}]"


def test_a_call_of_a_list_is_named_by_its_inputs(run, echo):
    """A list that has moved when the run is repeated, as one that a search gives, names the same calls the same."""
    for items in ("[x, z, x]", "[z, w, x, x]"):
        run(_EACH.format(items, "{text: 'about ${item}'}"))
    nodes = [(call[1]["text"][-1], call[2]["nodeId"]) for call in echo.calls]
    assert sorted(nodes[:3]) == sorted(node for node in nodes[3:] if node[0] != "w")
    assert len({node for _, node in nodes}) == 4


def test_inputs_tell_calls_apart_whatever_they_are(run, echo):
    """Equal inputs are counted; the same item used for something else is another call."""
    run(_EACH.format("[1, '1', [1]]", "{text: x, times: 1}"))
    run(_EACH.format("[1]", "{text: x, times: 2}"))
    nodes = [call[2]["nodeId"] for call in echo.calls]
    assert len(set(nodes)) == 4
    assert [node.partition(".")[2] for node in nodes] == ["", "2]", "3]", ""]


def test_the_outputs_of_for_each_are_one_table(run):
    """Rows follow in order; counts, costs and warnings are joined; one incomplete call makes it incomplete."""
    result = run(
        "steps:\n"
        "  - {id: a, action: echo.say, inputs: {text: x, times: 2}}\n"
        "  - {id: b, action: echo.partly, forEach: '${steps.a.data}'}\n"
    )
    output = result.outputs["b"]
    assert [row["number"] for row in output["data"]] == [2, 3]
    metadata = output["metadata"]
    assert (metadata["count"], metadata["usage"]["points"], metadata["usage"]["waitedSeconds"]) == (2, 4, 1.0)
    assert (metadata["complete"], metadata["incompleteReason"], metadata["warnings"]) == (False, "maxRows", ["slow"])
    assert "nextPageToken" not in metadata


@pytest.mark.parametrize("condition", ["when: '${inputs.no}'", "forEach: '${inputs.empty}'"])
def test_a_step_is_skipped_where_there_is_nothing_to_do(run, echo, condition):
    """A false condition or an empty list calls nothing; later steps see no rows."""
    result = run(
        "inputs: {no: false, empty: []}\n"
        "steps:\n"
        f"  - {{id: a, action: echo.partly, {condition}}}\n"
        "  - {id: b, action: echo.say, inputs: {text: '${length(steps.a.data)} rows'}}\n"
    )
    assert [call[1] for call in echo.calls] == [{"text": "0 rows"}]
    assert result.outputs["a"]["metadata"]["skipped"] is True


def test_a_failed_step_stops_the_run(run, echo):
    """Later steps are not called; what was done is told, and the plugin's error is kept."""
    done = []
    result = run(
        "steps: [{id: a, action: echo.partly}, {id: b, action: echo.fail}, {id: c, action: echo.partly}]",
        on_step=lambda step, _output: done.append(step.id),
    )
    assert (result.failure.step.id, result.failure.error["code"]) == ("b", "forbidden")
    assert (list(result.outputs), done, len(echo.calls)) == (["a"], ["a"], 2)


def test_a_failure_inside_for_each_keeps_what_the_calls_before_it_gave(run):
    """The second item fails: one call was done, and its rows are told after those of earlier steps."""
    result = run(
        "inputs: {items: [a, null, c]}\n"
        "steps:\n"
        "  - {id: z, action: echo.say, inputs: {text: first, times: 2}}\n"
        "  - {id: no, action: echo.partly, forEach: '${inputs.items[?`false`]}'}\n"
        "  - {id: a, action: echo.say, forEach: '${inputs.items}', inputs: {text: 'x ${item}'}}\n"
        "  - {id: never, action: echo.partly}\n"
    )
    assert len(result.failure.calls) == 1
    done = [(step.id, [row["text"] for row in rows]) for step, rows in result.done(run.workflow)]
    assert done == [("z", ["first", "first"]), ("a", ["x a"])]
    assert result.failure.error["code"] == "input_invalid"
    assert result.failure.error["message"] == "step 'a', text: ${item} has no value to put into the text"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("null", "null"),
        ("abc", 'string "abc"'),
        ("{a: 1}", 'object {"a": 1}'),
        ("0", "integer 0"),
        ("x" * 99, 'string "' + "x" * 59 + "..."),
    ],
)
def test_for_each_needs_a_list(run, echo, value, words):
    """Anything else is a failure, not zero rows, and says which expression gave what."""
    result = run(f"inputs: {{n: {value}}}\nsteps: [{{id: a, action: echo.partly, forEach: '${{inputs.n}}'}}]")
    assert result.failure.error["message"] == f"step 'a', forEach: ${{inputs.n}} must give a list, not {words}"
    assert echo.calls == []


def test_a_plugin_that_raises_fails_the_step_like_one_that_answers(run, echo, monkeypatch):
    """What earlier steps did is told then too."""

    def broken(*_arguments, **_named):
        raise UnreachableError("the service cannot be reached")

    text = "steps: [{id: a, action: echo.partly}, {id: b, action: echo.say, inputs: {text: x}}]"
    link = run.host.link("c1")
    execute = type(link).execute
    monkeypatch.setattr(
        type(link), "execute", lambda self, name, *more: broken() if name == "say" else execute(self, name, *more)
    )
    result = run(text)
    assert (result.failure.step.id, result.failure.error["code"]) == ("b", "network")
    assert [step.id for step, _ in result.done(run.workflow)] == ["a"]
    assert len(echo.calls) == 1


def test_refused_settings_fail_the_first_step_that_needs_them(run, host, echo):
    """Every connection is configured before anything runs."""
    host.settings.set_settings("echo", {"voice": "none"})
    result = run("steps: [{id: a, action: echo.partly}]")
    assert result.failure.error["errors"] == {"voice": ["must not be none"]}
    assert echo.calls == []


def test_credentials_come_from_the_step_the_command_or_the_file(run, host, echo):
    """The nearest one wins; none at all, or one of another plugin, is wrong use."""
    for name in ("step", "file"):
        host.credentials.register(name, connector="echo", service_id="s", client_id="a")
    run("credential: file\nsteps: [{id: a, action: echo.partly, credential: step}]", credential_id=None)
    run("credential: file\nsteps: [{id: a, action: echo.partly}]", credential_id=None)
    with pytest.raises(HostError, match="needs a credential"):
        run("steps: [{id: a, action: echo.partly}]", credential_id=None)
    host.credentials.register("foreign", connector="other", service_id="s", client_id="a")
    with pytest.raises(HostError, match="'foreign' is for other, not for echo"):
        run("steps: [{id: a, action: echo.partly}]", credential_id="foreign")
    assert len(echo.calls) == 2


def test_unknown_inputs_are_wrong_use(run):
    """An input that the file does not have is refused with those it has."""
    with pytest.raises(HostError, match="no input x; it has: n"):
        run("inputs: {n: 1}\nsteps: [{id: a, action: echo.partly}]", inputs={"x": 1})


def test_the_hosts_own_actions_need_no_credential(run, tmp_path):
    """A path starts at the workflow's folder."""
    (tmp_path / "r.xml").write_text('<testsuite name="s"><testcase name="t"/></testsuite>', encoding="ascii")
    result = run("steps: [{id: a, action: host.readTestReport, inputs: {path: r.xml}}]", credential_id=None)
    assert [row["name"] for row in result.outputs["a"]["data"]] == ["t"]
