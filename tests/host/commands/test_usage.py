from __future__ import annotations

import json
import time

import pytest

HEADING = "hour site action calls failures requests points retries waitedSeconds"


@pytest.fixture
def used(host):
    """Return a function that counts a call which ended so many hours ago."""

    def add(hours_ago=0, **more):
        host.usage.add(
            {
                "at": time.time() - hours_ago * 3600,
                "credentialId": "c1",
                "clientId": "app1",
                "cloudId": "cloud1",
                "site": "https://s1.example",
                "action": "say",
                "runId": "r1",
                "priority": "interactive",
                "calls": 1,
                "requests": 2,
                "points": 10,
                "retries": 0,
                "waitedSeconds": 0.0,
                "code": None,
                **more,
            }
        )

    return add


def test_usage_is_a_table_with_a_total(command, used):
    """The last day by hour, site and action, the newest hour first; the sum goes to stderr."""
    used(hours_ago=1, points=1, requests=1)
    used(code="forbidden", retries=2, waitedSeconds=1.25)
    used(hours_ago=24)
    result = command("usage")
    assert result.exit_code == 0
    heading, *lines = (line.split() for line in result.stdout.splitlines())
    assert heading == HEADING.split()
    assert [line[1:] for line in lines] == [
        ["https://s1.example", "say", "1", "1", "2", "10", "2", "1.25"],
        ["https://s1.example", "say", "1", "0", "1", "1", "0", "0.0"],
    ]
    assert lines[0][0] > lines[1][0]
    assert lines[0][0].endswith(":00:00.000Z")
    assert result.stderr == "total: 2 calls (1 failed), 3 requests, 11 points, 2 repeated, waited 1.2 s\n"


def test_usage_as_json_is_rows_only(command, used):
    """Programs get a list, told apart by what they asked for; a row holds nothing else."""
    used(hours_ago=30, runId=None)
    used()
    result = command("usage", "--hours", "48", "--by", "run, priority,run", "--format", "json")
    counts = {"calls": 1, "failures": 0, "requests": 2, "points": 10, "retries": 0, "waitedSeconds": 0.0}
    rows = sorted(json.loads(result.stdout), key=lambda row: row["run"] or "")
    assert rows == [{"run": run, "priority": "interactive", **counts} for run in (None, "r1")]
    assert result.stderr == ""


def test_nothing_used_is_an_empty_table(command):
    """The columns are there, and the total is zero."""
    result = command("usage")
    assert (result.exit_code, result.stdout.split()) == (0, HEADING.split())
    assert result.stderr == "total: 0 calls, 0 requests, 0 points\n"


def test_usage_of_one_credential(command, used):
    """Another's is left out; a removed one still has its own, and one that never was is wrong use."""
    used(credentialId="removed")
    used(points=4)
    for name, points in (("c1", 4), ("removed", 10)):
        result = command("usage", "--credential", name, "--by", "credential", "--format", "json")
        assert [(row["credential"], row["points"]) for row in json.loads(result.stdout)] == [(name, points)]
    unknown = command("usage", "--credential", "c9")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "there is no credential 'c9'" in unknown.stderr


def test_usage_can_be_told_apart_by_app(command, used):
    """An app is its client id."""
    used(clientId="app2", points=4)
    used()
    result = command("usage", "--by", "app", "--format", "json")
    assert [(row["app"], row["points"]) for row in json.loads(result.stdout)] == [("app1", 10), ("app2", 4)]


@pytest.mark.parametrize(
    ("listed", "words"),
    [("hour,acton", "'acton'; did you mean 'action'?"), ("zzz", "by 'zzz'"), (" , ", "--by names nothing")],
)
def test_a_name_that_is_not_known_is_wrong_use(command, listed, words):
    """The nearest name is offered, and all of them are listed."""
    result = command("usage", "--by", listed)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert "hint: --by takes hour, site, action, run, credential, app, priority" in result.stderr


def test_hours_start_at_one(command):
    """No hours, or less, is wrong use."""
    assert command("usage", "--hours", "0").exit_code == 2
