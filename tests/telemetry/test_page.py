"""docs/telemetry.md: its examples run as they stand, and its tables are what is really noted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from vantage_jira_plugin.errors import NotFoundError, UnknownOutcomeError
from vantage_jira_plugin.telemetry import WaitReason
from vantage_jira_plugin.telemetry.spans import Spans

_PAGE = (Path(__file__).parents[2] / "docs" / "telemetry.md").read_text(encoding="utf-8")
_JSON_EXAMPLE, _OTEL_EXAMPLE = re.findall(r"^```py\n(.*?)^```", _PAGE, re.DOTALL | re.MULTILINE)
_USAGE = {"requests": 3, "points": 4, "retries": 1, "waitedSeconds": 2.5, "cacheHits": 0}
_USE = """
from vantage_jira_plugin.telemetry import Telemetry
telemetry = Telemetry()
with telemetry.action("getIssue", run_id="r1"), telemetry.request("GET", "/x/{y}", host="h") as note:
    note.answered(200, {})
"""


def _run(code):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True, timeout=60
    )


def _rows(heading):
    """Return the rows of the table whose first column is headed so, as lists of cells."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", _PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


def _names(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_the_json_example_writes_json():
    """One object per line, on stderr, from INFO on."""
    lines = _run(_JSON_EXAMPLE + _USE).stderr.splitlines()
    [record] = [json.loads(line) for line in lines]
    assert (record["level"], record["jira_action"], record["jira_run_id"]) == ("INFO", "getIssue", "r1")
    assert record["message"].startswith("getIssue worked after ")


def test_the_opentelemetry_example_exports():
    """Spans and metrics reach the providers that the example sets, in whichever order."""
    before, after = (_run(code).stdout for code in (_OTEL_EXAMPLE + _USE, _USE + _OTEL_EXAMPLE + _USE))
    for shown in (before, after):
        assert '"name": "jira.getIssue"' in shown
        assert '"name": "GET /x/{y}"' in shown
        assert '"name": "http.client.request.duration"' in shown


def _everything(telemetry):
    """Note each kind of thing, with all that can be known of it."""
    about = {"method": "GET", "template": "/x"}
    broken = NotFoundError("no", status=404, method="GET", path="/x", trace_id="t1")
    for error in (None, broken, UnknownOutcomeError("lost")):
        with telemetry.action("getIssue", run_id="r", node_id="n") as note:
            request = telemetry.request("GET", "/x", host="h", cloud_id="c", attempt=1)
            request.answered(200, {"Atl-Traceid": "t"})
            with pytest.raises(OSError, match="cut"), request:
                raise OSError("cut")
            for why in get_args(WaitReason):
                telemetry.waiting(1, why, **about)
            telemetry.refused({"Atl-Traceid": "t"}, 1, reason="jira-burst-based", cloud_id="c", **about)
            telemetry.renewed()
            note.used(_USAGE, site="s", cloud_id="c")
            if error is not None:
                note.failed(error)


def test_the_tables_of_logs_are_complete(collected, logged, caplog):
    """Every logger, event, level and field, and no other."""
    _everything(collected.telemetry)
    events = {(record.name, record.jira_event, record.levelname) for record in caplog.records}
    shown = {(*_names(logger), *_names(event), level) for logger, event, level, _ in _rows("logger")}
    assert shown == events - {("vantage_jira_plugin.requests", "wait", "DEBUG")}
    kinds = {name for _, fields in logged() for name in [fields["event"]]}
    within = {"all": kinds, "all within an action": kinds}
    told = {
        (name, kind)
        for fields, where, _ in _rows("field")
        for name in _names(fields)
        for kind in within.get(where, _names(where))
    }
    assert told == {(f"jira_{name}", fields["event"]) for _, fields in logged() for name in fields}


def test_the_reasons_of_waits_are_all_there():
    """Each reason to wait is explained."""
    [row] = [row for row in _rows("field") if "jira_wait_reason" in row[0]]
    assert _names(row[2]) == list(get_args(WaitReason))


def test_the_metrics_are_all_there(collected):
    """Each metric, and each of its attributes of its own."""
    _everything(collected.telemetry)
    shown = {_names(name)[0]: set(_names(attributes)) for name, _, attributes in _rows("metric")}
    real = {name: {key for point in collected.points(name) for key in point.attributes} for name in shown}
    del shown["http.client.request.duration"], real["http.client.request.duration"]
    assert shown == real
    reader = InMemoryMetricReader()
    instruments = Spans(meter_provider=MeterProvider([reader]))
    assert len(_rows("metric")) == len(
        [each for each in vars(instruments).values() if hasattr(each, "instrumentation_scope")]
    )
