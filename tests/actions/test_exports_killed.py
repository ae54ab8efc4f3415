"""exportIssues killed again and again in a process of its own, against one simulated site: the file is exact."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from vantage_jira_plugin.settings import DEFAULT_MAX_IN_FLIGHT
from vantage_jira_plugin.simulator import Simulator
from vantage_jira_plugin.simulator.seed import demo_sites

_ROOT = Path(__file__).parents[2]
_ISSUES = 1200
_FIELDS = ["summary", "created", "comment"]
_DAY_SECONDS = 86_400
#: How often it is looked whether to kill, and how long answers take, so that the look comes in time.
_LOOK_SECONDS = 0.002
_LATENCY_SECONDS = 0.05
#: Searches of a run that tell how to cut what is left, beside its pages.
_ASKED_AGAIN = 2


def _many(clock):
    """The demonstration's sites, the first with many more issues, most of them of one week."""
    sites = demo_sites(clock)
    dice = random.Random(5)  # noqa: S311 - no secret
    project = sites[0].project("OPS")
    now = clock()
    reporter = next(iter(sites[0].issues.values())).values["reporter"]
    issuetype = next(iter(sites[0].issues.values())).values["issuetype"]
    for number in range(_ISSUES):
        days = dice.uniform(100, 107) if number % 5 else dice.uniform(1, 400)
        values = {"summary": f"Number {number}", "issuetype": issuetype}
        sites[0].create_issue(project, values, reporter, at=now - days * _DAY_SECONDS)
    return sites


@pytest.fixture
def crowded():
    """A simulated Jira with many issues."""
    with Simulator(sites=_many) as simulator:
        simulator.gateway.latency_seconds = _LATENCY_SECONDS
        yield simulator


def _run(given, simulator, kill_after_pages):
    """Run the export and kill it once it has asked for so many pages; returns its envelope where it was done before."""
    before = _pages(simulator)
    command = [sys.executable, "-m", "tests.actions.export_killed"]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write(json.dumps(given))
        process.stdin.close()
        assert process.stdout.readline() == "begun\n"
        while process.poll() is None and _pages(simulator) - before < kill_after_pages:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
        if _pages(simulator) - before >= kill_after_pages:
            process.send_signal(signal.SIGKILL)
        return json.loads(process.stdout.read() or "null")


def _pages(simulator):
    paths = ("/rest/api/3/search/jql", "/rest/api/3/issue/bulkfetch")
    return sum(len(simulator.requests_to(path)) for path in paths)


@pytest.mark.parametrize("order", ["created DESC", "created ASC", "summary ASC"])
def test_the_file_is_exact_however_often_its_run_is_killed(crowded, tmp_path, order):
    """Every issue is there once, in the query's order, and far fewer pages are read than by runs from the start."""
    target = tmp_path / "issues.ndjson"
    given = {
        "authUrl": crowded.auth_url,
        "apiUrl": crowded.api_url,
        "secret": crowded.client_secret,
        "clientId": crowded.client_id,
        "grant": crowded.grant(),
        "inputs": {"jql": f"project = OPS ORDER BY {order}, key ASC", "fields": _FIELDS, "target": str(target)},
    }
    dice = random.Random(order)  # noqa: S311 - no secret
    kills = 0
    while (envelope := _run(given, crowded, dice.randint(2, 6) + kills)) is None:
        kills += 1
    read = _pages(crowded)
    whole = _run({**given, "inputs": {**given["inputs"], "target": str(tmp_path / "whole.ndjson")}}, crowded, 10_000)
    assert envelope["output1"]["metadata"]["complete"], envelope
    assert kills > 1
    undisturbed = _pages(crowded) - read
    assert read <= undisturbed + kills * (DEFAULT_MAX_IN_FLIGHT + _ASKED_AGAIN)
    assert envelope["output1"]["data"][0]["resumedRows"] > 0
    keys = [json.loads(line)["key"] for line in target.read_bytes().splitlines()]
    assert len(set(keys)) == len(keys) >= _ISSUES
    assert target.read_bytes() == (tmp_path / "whole.ndjson").read_bytes()
    assert whole["output1"]["metadata"]["complete"]
