from __future__ import annotations

import jsonschema
import pytest

from vantage_jira_plugin.contract import SettingsError
from vantage_jira_plugin.host.builtin import HostPlugin

ERROR_KEYS = {"code", "message", "action", "status", "retryable", "retryAfter", "errors", "hint", "traceId"}


@pytest.fixture
def run(host, tmp_path):
    """Return a function that runs an action of the host on a folder with one report."""
    (tmp_path / "report.xml").write_text('<testsuite name="s"><testcase name="t"/></testsuite>', encoding="ascii")
    (tmp_path / "bad.xml").write_text("<html/>", encoding="ascii")
    link = host.own_link(str(tmp_path))
    return lambda inputs, action="readTestReport": link.execute(action, inputs, {})


def test_a_report_is_a_table_like_any_plugins(run, host):
    """Rows fit the manifest's output schema, and every metadata key is there."""
    output = run({"path": "report.xml"})["output1"]
    (action,) = host.plugins.manifest("host")["actions"]
    for row in output["data"]:
        jsonschema.validate(row, action["output"])
    metadata = output["metadata"]
    assert [column["name"] for column in metadata["columns"]] == list(output["data"][0])
    assert (metadata["count"], metadata["complete"], metadata["usage"]["requests"]) == (1, True, 0)


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ({}, "path"),
        ({"path": 5}, "path"),
        ({"path": "no.xml"}, "path"),
        ({"path": "."}, "path"),
        ({"path": "bad.xml"}, "path"),
        ({"path": "report.xml", "paht": 1}, "paht"),
    ],
)
def test_wrong_inputs_are_named(run, inputs, name):
    """A failure is returned with all nine keys, and names the input."""
    error = run(inputs)["error"]
    assert error.keys() == ERROR_KEYS
    assert (error["code"], list(error["errors"])) == ("input_invalid", [name])


def test_an_unknown_action_has_a_hint(run):
    """The nearest action is offered."""
    error = run({}, "readTestRepot")["error"]
    assert (error["code"], error["hint"]) == ("unknown_action", "did you mean readTestReport?")


def test_it_leaves_others_questions_alone(host):
    """Another connector, or another plugin's connection, gets no answer."""
    plugin = HostPlugin()
    assert plugin.vantage_configure("jira", {}, host.services("c1")) is None
    assert plugin.vantage_execute_action(object(), "readTestReport", {}, {}, {}) is None


def test_it_needs_a_folder(host):
    """Its one setting is checked."""
    with pytest.raises(SettingsError):
        HostPlugin().vantage_configure("host", {}, host.services("c1"))
