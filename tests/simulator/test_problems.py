from __future__ import annotations

import json
from pathlib import Path

import pytest

from vantage_jira_plugin.simulator.problems import NOT_JSON, no_operation, no_such_place

RECORDED = Path(__file__).parents[3] / "shared" / "jira" / "recorded" / "observed-2026-10-08"

pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="no recorded answers in ../shared/jira")


def recorded(name):
    """Return a recorded exchange."""
    return json.loads((RECORDED / f"{name}.json").read_text())


def test_unknown_path_equals_the_recorded_answer():
    """The words for a path that no operation has are Atlassian's."""
    answer = no_operation("GET", "/rest/api/3/issue/PUB-1/no-such-thing", frozenset())
    expected = recorded("unknown_path")
    assert (answer.status, answer.body) == (expected["status"], expected["body"])
    assert answer.headers["Content-Type"] == expected["headers"]["content-type"]


def test_unknown_site_equals_the_recorded_answer():
    """The answer for an unknown cloudId is Atlassian's, except for the time in it."""
    expected = recorded("gateway_unknown_cloud_id")
    answer = no_such_place(expected["body"]["path"], 1_791_443_596.25, failure="FAILURE_CLIENT_TCS")
    assert answer.body | {"timestamp": ""} == expected["body"] | {"timestamp": ""}
    assert len(answer.body["timestamp"]) == len(expected["body"]["timestamp"])
    assert answer.headers["X-Failure-Category"] == expected["headers"]["x-failure-category"]
    assert answer.headers["Content-Type"] == expected["headers"]["content-type"]


def test_unreadable_body_equals_the_recorded_answer():
    """The words for a body that is no JSON are Atlassian's."""
    expected = recorded("issue_create_not_json")
    assert (NOT_JSON.status, NOT_JSON.body) == (expected["status"], expected["body"])


def test_wrong_method_names_the_right_ones():
    """A path that exists with other methods says which."""
    answer = no_operation("PATCH", "/rest/api/3/issue/A-1", frozenset({"PUT", "GET"}))
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, PUT")
