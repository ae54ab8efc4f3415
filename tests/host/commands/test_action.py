from __future__ import annotations

import csv
import io
import json
import re
import sys

import pytest

from tests.host.echo import EchoPlugin, UnreachableError
from vantage_jira_plugin.contract import hookimpl
from vantage_jira_plugin.host.yamltext import load_yaml
from vantage_jira_plugin.transport.budget import DEFAULT_TIMEOUT_SECONDS


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


@pytest.mark.parametrize("arguments", [("actions",), ("run", "--credential", "c1")])
def test_an_unknown_action_has_a_hint(command, echo, arguments):
    """Wherever it is named: the nearest name is offered, and nothing runs."""
    for name, near in (("sayy", "say"), ("echo.sayy", "echo.say")):
        result = command(*arguments, name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"there is no action {name!r}; did you mean {near!r}?\n" in result.stderr
    assert "there is no action 'nope'" in command(*arguments, "nope").stderr
    assert echo.calls == []


def test_limits_are_told(command, echo, monkeypatch):
    """People see lengths, ranges, choices, and an example or else the pattern, before they run into them."""
    manifest = echo.vantage_manifest()
    fields = manifest["actions"][0]["inputs"]["properties"]
    fields["text"] |= {"minLength": 1, "maxLength": 255, "pattern": r"\S"}
    fields["times"] |= {"minimum": 1, "maximum": 100}
    fields["tags"] |= {"maxItems": 5, "items": {"type": "string", "maxLength": 9, "pattern": "[a-z]" * 20}}
    fields["tone"] = {"enum": ["low", "high"]}
    fields["word"] = {"type": "string", "pattern": r"^(?:\w+)?$"}
    fields["free"] = {"type": "string", "minLength": 2}
    fields["form"] = {"type": "string", "maxLength": 4, "pattern": r"^(?:low|high)?$", "examples": ["low"]}
    fields["day"] = {"type": "string", "maxLength": 10, "pattern": r"\d{4}-\d{2}", "examples": ["2026-01"]}
    fields["days"] = {"type": "array", "maxItems": 9, "examples": [["2026-01", "2026-02"]]}
    monkeypatch.setattr(type(echo), "vantage_manifest", hookimpl(lambda _self: manifest))
    table = csv.DictReader(io.StringIO(command("actions", "say", "--format", "csv").stdout))
    rows = {row["name"]: row for row in table if row["kind"] == "input"}
    assert {name: row["limits"] for name, row in rows.items() if row["limits"]} == {
        "text": "1..255 characters",
        "times": "1..100",
        "tags": "at most 5 items; each at most 9 characters, like [a-z][a-z][a-...",
        "tone": "one of low, high",
        "word": r"like \w+",
        "free": "at least 2 characters",
        "form": "one of low, high",
        "day": "at most 10 characters; such as 2026-01",
        "days": "at most 9 items; such as 2026-01, 2026-02",
    }
    assert rows["tone"]["type"] == "string"


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
    named = {"runId": "r7", "nodeId": "say", "nodeType": "say"}
    assert context == {**named, "priority": "interactive", "timeoutSeconds": 7.0}


def test_a_run_for_which_nobody_waits_says_so(command, echo):
    """`--priority` reaches the plugin, and takes only what the contract knows."""
    arguments = ("run", "say", "--credential", "c1", "--input", "text=x", "--priority")
    assert command(*arguments, "background").exit_code == 0
    assert command(*arguments, "high").exit_code == 2
    assert [call[2]["priority"] for call in echo.calls] == ["background"]


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
    assert result.stderr.splitlines() == [
        "incomplete: stopped at maxRows; there are more: go on with the input nextPageToken=p2, or raise maxRows",
        "warning: slow",
    ]
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
    result = command("run", "fail", "--credential", "c1", "--format", "json", "--run-id", "r1")
    assert (result.exit_code, result.stderr) == (1, "")
    document = json.loads(result.stdout)
    assert (document["error"]["code"], document["runId"]) == ("forbidden", "r1")


@pytest.fixture
def lost(monkeypatch):
    """The action `say` writes under a key, and its answer is lost."""
    describe = EchoPlugin.vantage_manifest

    @hookimpl
    def manifest(self):
        described = describe(self)
        described["actions"][0]["writes"] = True
        described["actions"][0]["inputs"]["properties"]["idempotencyKey"] = {"type": "string"}
        return described

    @hookimpl
    def execute(self, connection, action, inputs, config, context):
        error = UnreachableError("no answer", hint="Run it again with the same idempotencyKey.")
        error.retry_after_seconds = 59.2
        raise error

    monkeypatch.setattr(EchoPlugin, "vantage_manifest", manifest)
    monkeypatch.setattr(EchoPlugin, "vantage_execute_action", execute)


@pytest.mark.usefixtures("lost")
def test_a_lost_write_says_how_to_run_it_again(command):
    """What its hint says of the key is said of the run beside it."""
    result = command("run", "say", "--credential", "c1", "--input", "text=x", "--run-id", "r1")
    assert result.exit_code == 1
    *told, last = result.stderr.splitlines()
    assert told == [
        "network: no answer",
        "  it can work again in 60 s",
        "  hint: Run it again with the same idempotencyKey.",
    ]
    assert re.fullmatch(r"  run it again with --run-id r1 after (\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC", last)


@pytest.mark.usefixtures("lost")
def test_a_lost_write_as_json_names_the_run(command):
    """Also one whose id was made up: it stands beside the error, and the advice goes to stderr."""
    result = command("run", "say", "--credential", "c1", "--input", "text=x", "--format", "json")
    document = json.loads(result.stdout)
    assert (document["error"]["code"], document["error"]["action"]) == ("network", "say")
    assert result.stderr.startswith(f"run it again with --run-id {document['runId']} after ")


@pytest.mark.parametrize("name", ["run", "workflow"])
def test_the_help_says_how_long_a_call_may_take(command, name):
    """It is what the plugin takes where nobody says."""
    assert f"takes {DEFAULT_TIMEOUT_SECONDS:g} where none" in " ".join(command(name, "--help").stdout.split())


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


@pytest.fixture
def drawing(echo, monkeypatch):
    """The echo plugin's tables come with a chart."""
    specification = {"data": {"name": "rows"}, "mark": "point", "encoding": {"x": {"field": "number"}}}
    plain = type(echo).vantage_execute_action

    @hookimpl
    def vantage_execute_action(self, connection, action, inputs, config, context):
        envelope = plain(self, connection, action, inputs, config, context)
        if "output1" in envelope:
            envelope["output1"]["metadata"]["chart"] = specification
        return envelope

    monkeypatch.setattr(type(echo), "vantage_execute_action", vantage_execute_action)
    return specification


def test_a_table_is_drawn(command, drawing, tmp_path):
    """`--chart` writes a file beside the table that is printed, and says so on stderr."""
    path = tmp_path / "out.json"
    result = command("run", "say", "--credential", "c1", "--input", "text=x", "--chart", str(path))
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "text  tags  number")
    assert f"drawn: {path}" in result.stderr
    rows = [{"text": "x", "tags": None, "number": 1}]
    assert json.loads(path.read_text(encoding="utf-8")) == {**drawing, "data": {"name": "rows", "values": rows}}


def test_a_chart_that_cannot_be_is_wrong_use_before_anything_runs(command, echo, monkeypatch, tmp_path):
    """An ending that is not known, and a library that is not there; the hint names the extra."""
    run = ("run", "say", "--credential", "c1", "--input", "text=x", "--chart")
    assert command(*run, "out.pdf").exit_code == 2
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    result = command(*run, str(tmp_path / "out.svg"))
    assert result.exit_code == 2
    assert "hint: pip install 'vantage-jira-plugin[charts]'" in result.stderr
    assert echo.calls == []


def test_an_action_without_a_chart_says_so_beside_its_table(command, tmp_path):
    """The table is printed, as JSON a document of its own; the exit status tells."""
    path = tmp_path / "out.json"
    arguments = ("run", "say", "--credential", "c1", "--input", "text=x", "--format", "json", "--chart", str(path))
    result = command(*arguments)
    assert result.exit_code == 2
    assert "this action has no chart" in result.stderr
    assert json.loads(result.stdout)["output1"]["metadata"]["count"] == 1
    assert not path.exists()
