from __future__ import annotations

import json

import pytest

from vantage_jira_plugin.host.yamltext import load_yaml


def test_the_catalogue_lists_every_plugins_actions(command):
    """Each action is written as workflows name it."""
    result = command("actions", "--format", "ndjson")
    names = [json.loads(line)["action"] for line in result.stdout.splitlines()]
    assert {"echo.say", "echo.fail", "host.readTestReport"} <= set(names)


def test_one_action_is_shown_with_its_inputs_and_output(command):
    """The short name is enough; types and what is required are told."""
    result = command("actions", "say")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["input", "text", "string", "true", "What", "to", "say."] in lines
    assert ["input", "tags", "array", "false"] in lines
    assert ["output", "text", "string"] in lines
    assert json.loads(command("actions", "echo.say", "--format", "json").stdout)["name"] == "say"


def test_an_unknown_action_has_a_hint(command):
    """The nearest names are offered."""
    result = command("actions", "sayy")
    assert result.exit_code == 2
    assert "did you mean say" in result.stderr


def test_run_prints_the_table(command, echo):
    """Inputs are read by the action's schema; the action's context names the run."""
    result = command(
        *("run", "say", "--credential", "c1", "--input", "text=5", "--input", "times=2", "--input", "tags=a,b"),
        *("--timeout", "7", "--run-id", "r7"),
    )
    assert result.exit_code == 0
    assert result.stdout == "text  tags  number\n5     a, b  1\n5     a, b  1\n"
    ((action, inputs, context),) = echo.calls
    assert (action, inputs) == ("say", {"text": "5", "times": 2, "tags": ["a", "b"]})
    assert context == {"runId": "r7", "nodeType": "say", "timeoutSeconds": 7.0}


def test_every_run_has_an_id_of_its_own(command, echo):
    """Two runs are never taken for one."""
    for _ in "12":
        command("run", "echo.say", "--credential", "c1", "--input", "text=x")
    assert echo.calls[0][2]["runId"] != echo.calls[1][2]["runId"]


@pytest.mark.parametrize("source", ["file", "-"])
def test_inputs_may_come_as_json(command, echo, tmp_path, source):
    """A file or stdin gives inputs; single ones win over them."""
    path = tmp_path / "inputs.json"
    path.write_text('{"text": "from file", "times": 1}', encoding="ascii")
    result = command(
        *("run", "say", "--credential", "c1", "--inputs", str(path) if source == "file" else "-"),
        *("--input", "text=own"),
        stdin=path.read_text(encoding="ascii"),
    )
    assert result.exit_code == 0
    assert echo.calls[0][1] == {"text": "own", "times": 1}


@pytest.mark.parametrize("text", ["[1]", "nonsense"])
def test_inputs_that_are_no_object_are_wrong_use(command, echo, text):
    """Nothing runs."""
    assert command("run", "say", "--credential", "c1", "--inputs", "-", stdin=text).exit_code == 2
    assert command("run", "say", "--credential", "c1", "--inputs", "no-such-file").exit_code == 2
    assert echo.calls == []


def test_what_must_be_known_of_a_table_goes_to_stderr(command):
    """An incomplete table says so, with the next page and warnings, and stdout stays data."""
    result = command("run", "partly", "--credential", "c1")
    assert result.exit_code == 0
    assert result.stderr == "incomplete: maxRows\nnext page: p2\nwarning: slow\n"
    assert result.stdout.splitlines()[0].split() == ["text", "tags", "number"]


def test_json_is_the_whole_envelope(command):
    """Programs get data and metadata."""
    envelope = json.loads(command("run", "partly", "--credential", "c1", "--format", "json").stdout)
    assert envelope["output1"]["metadata"]["incompleteReason"] == "maxRows"


def test_a_failure_is_told_in_words(command):
    """People get message, field errors and hint on stderr; stdout stays empty."""
    result = command("run", "fail", "--credential", "c1")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "forbidden: this account may not",
        "  text: is not liked",
        "  it can work again in 2 s",
        "  hint: ask an administrator",
        "  Atlassian's trace id: t1",
    ]


def test_a_failure_is_json_where_json_was_asked_for(command):
    """Programs find the error on stdout, and nothing else."""
    result = command("run", "fail", "--credential", "c1", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "forbidden"


def test_refused_settings_are_the_actions_failure(command, host):
    """Settings that the plugin refuses end the run with the fields named."""
    host.settings.set_settings("echo", {"voice": "none"})
    result = command("run", "say", "--credential", "c1", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["errors"] == {"voice": ["must not be none"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "say"),
        ("run", "say", "--credential", "nobody"),
        ("run", "say", "--credential", "c1", "--input", "nothing"),
        ("run", "say", "--credential", "c1", "--format", "xml"),
        ("run", "say", "--credential", "c1", "--timeout", "0"),
        ("nonsense",),
    ],
)
def test_wrong_use_is_told_from_failure(command, arguments):
    """Exit status 2, words on stderr, nothing on stdout."""
    result = command(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_the_manifest_is_yaml(command, host):
    """What is printed is the plugin's manifest, in its own order."""
    result = command("manifest", "echo")
    assert load_yaml(result.stdout) == host.plugins.manifest("echo")
    assert result.stdout.startswith("name: echo\n")
