"""Telemetry as a whole: with and without OpenTelemetry, what it costs, and a connection's actions in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.memoryhost import settings_for
from vantage_jira_plugin.connection import Connection
from vantage_jira_plugin.settings import load_settings
from vantage_jira_plugin.simulator import Fault
from vantage_jira_plugin.telemetry import Telemetry

_WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from vantage_jira_plugin.telemetry import Telemetry
telemetry = Telemetry()
with telemetry.action("getIssue"), telemetry.request("GET", "/x", host="h") as note:
    note.answered(200, {})
telemetry.waiting(1, "pace", method="GET", template="/x")
telemetry.refused({}, 1, reason=None, method="GET", template="/x")
telemetry.renewed()
print(telemetry.spans)
"""
_LAZY = """
import sys
import vantage_jira_plugin.connection
from vantage_jira_plugin.telemetry import Telemetry
Telemetry()
print(any(name.split(".")[0] == "opentelemetry" for name in sys.modules))
"""


def _python(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True, timeout=60
    )


def test_it_works_without_opentelemetry():
    """Where the package is not installed, everything is noted in the log alone, and nothing is printed."""
    done = _python(_WITHOUT)
    assert (done.stdout, done.stderr) == ("None\n", "")


def test_opentelemetry_is_loaded_when_first_used():
    """Loading the plugin and making telemetry import nothing of it."""
    assert _python(_LAZY).stdout == "False\n"


def test_an_old_opentelemetry_is_as_good_as_none(monkeypatch):
    """An API that lacks what is asked of it fails no action."""

    def create_histogram(self, name, unit="", description=""):
        raise AssertionError

    monkeypatch.setattr("opentelemetry.metrics._internal._ProxyMeter.create_histogram", create_histogram)
    assert Telemetry().spans is None


def test_the_installed_package_is_found():
    """Where it is installed, spans are on without a word."""
    assert Telemetry().spans is not None


@pytest.fixture
def connection(sim, services, collected):
    """A connected connection with spans in memory."""
    raw = settings_for(sim.grant(), sim.client_id)
    settings = load_settings(raw, services.open_record)
    return Connection(
        settings, services, sleep=sim.clock.advance, jitter=lambda: 1.0, clock=sim.clock, telemetry=collected.telemetry
    )


def test_an_action_of_a_connection_is_noted(connection, collected, logged):
    """One record and one span for a call, with what the envelope says of it."""
    context = {"runId": "run-1", "nodeId": "node-1"}
    metadata = connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, context)["output1"]["metadata"]
    [(level, fields)] = logged("action")
    assert (level, fields["action"], fields["run_id"], fields["node_id"]) == ("INFO", "getIssue", "run-1", "node-1")
    assert fields["site"] == metadata["site"]
    assert fields["points"] == metadata["usage"]["points"] > 0
    assert fields["cloud_id"] == connection._login.record.cloud_id
    [span] = collected.spans("jira.getIssue")
    assert span.attributes["jira.points"] == metadata["usage"]["points"]


def test_a_failing_action_is_noted_without_its_words(connection, collected, logged, caplog):
    """Code and trace id as in the envelope; the key that was asked for is nowhere."""
    error = connection.execute("getIssue", {"issueKey": "DEV-99999"}, {}, {})["error"]
    [(_, fields)] = logged("action")
    assert (fields["code"], fields.get("trace_id")) == ("not_found", error["traceId"])
    assert fields["requests"] > 0
    shown = caplog.text + repr([vars(record) for record in caplog.records if record.name.startswith("vantage")])
    assert "DEV-99999" not in shown + "".join(span.to_json() for span in collected.spans())


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (("noSuchAction", {}, {}, {}), "unknown_action"),
        (([], {}, {}, None), "unknown_action"),
        (("getIssue", {}, {}, "context"), "input_invalid"),
    ],
)
def test_a_call_that_keeps_no_contract_is_noted(connection, logged, call, code):
    """Whatever is passed as a name or a context, there is one record with the code."""
    assert connection.execute(*call)["error"]["code"] == code
    [(_, fields)] = logged("action")
    assert fields["code"] == code
    assert fields["action"] == (call[0] if call[0] == "getIssue" else "_OTHER")


def test_a_lost_answer_is_an_error_record(connection, sim, logged):
    """unknown_outcome is logged at ERROR."""
    connection.authenticate()
    sim.faults.add(Fault("lost_answer", method="POST", path="/issue$"))
    sim.faults.add(Fault("answer", path="/search/jql", status=500, times=None))
    inputs = {"projectKey": "DEV", "issueType": "Bug", "summary": "secret words"}
    assert connection.execute("createIssue", inputs, {}, {})["error"]["code"] == "unknown_outcome"
    assert [level for level, _ in logged("action")] == ["ERROR"]


def test_a_renewal_is_noted_once_it_is_stored(connection, sim, services, logged):
    """A token that is due is renewed within the action: one INFO record, which names the action."""
    connection.authenticate()
    sim.clock.advance(2 * 3600)
    connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})
    assert [(level, fields["action"]) for level, fields in logged("renewal")] == [("INFO", "getIssue")]
