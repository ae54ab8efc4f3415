from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin import operations
from vantage_jira_plugin.operations import GET_ISSUE, MYSELF, SEARCH_ISSUES, SEARCH_PROJECTS, Operation

_SPEC = Path(__file__).resolve().parents[2] / "shared" / "jira" / "spec" / "jira-platform.v3.json"
_OPERATIONS = {name: value for name, value in vars(operations).items() if isinstance(value, Operation)}
_needs_spec = pytest.mark.skipif(not _SPEC.is_file(), reason="Atlassian's OpenAPI file is not beside the repository")


@cache
def _spec():
    return json.loads(_SPEC.read_text(encoding="utf-8"))


def _specified(operation):
    return _spec()["paths"][operation.template][operation.method.lower()]


def _scopes(operation, state):
    """Return the scopes of one state: `Current` are the classic ones, `Beta` the granular ones."""
    listed = _specified(operation)["x-atlassian-oauth2-scopes"]
    return frozenset(scope for entry in listed if entry["state"] == state for scope in entry["scopes"])


def test_every_operation_is_exported():
    """What is declared is listed."""
    assert {*_OPERATIONS, "Operation"} == set(operations.__all__)


@_needs_spec
@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS)
def test_an_operation_is_atlassians(operation):
    """Method and path exist, with exactly those classic and granular scopes."""
    assert operation.template in _spec()["paths"]
    assert _scopes(operation, "Current") == operation.scopes
    assert _scopes(operation, "Beta") == operation.granular


@_needs_spec
@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS)
def test_an_operation_is_not_on_its_way_out(operation):
    """Nothing deprecated or experimental is relied upon."""
    specified = _specified(operation)
    assert not specified.get("deprecated")
    assert not specified.get("x-experimental")


@_needs_spec
@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS)
def test_the_answer_is_of_the_documented_kind(operation):
    """A list is a list and an object an object; where no body may come, none is demanded."""
    answers = {status: answer for status, answer in _specified(operation)["responses"].items() if status < "300"}
    schemas = [body["schema"] for answer in answers.values() for body in answer.get("content", {}).values()]
    if "204" in answers:
        assert operation.answer is None
    elif schemas:
        assert operation.answer is (list if all(schema.get("type") == "array" for schema in schemas) else dict)


@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS)
def test_reading_and_writing_are_told_apart(operation):
    """Writes are exactly what needs a scope to write; only such a failure may have acted."""
    assert operation.writes is any(scope.startswith("write:") for scope in operation.scopes)
    assert operation.writes is any(scope.startswith("write:") for scope in operation.granular)


@pytest.mark.parametrize("operation", _OPERATIONS.values(), ids=_OPERATIONS)
def test_what_an_operation_does_follows_could_not(operation):
    """Messages read as sentences."""
    assert re.fullmatch(r"[a-z][a-z ]+[a-z]", operation.does)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("DEV-123", "/rest/api/3/issue/DEV-123"),
        ("10001", "/rest/api/3/issue/10001"),
        ("a/b", "/rest/api/3/issue/a%2Fb"),
        ("DEV-1?fields=*all#x", "/rest/api/3/issue/DEV-1%3Ffields%3D%2Aall%23x"),
        ("ÄÖ 1%2F", "/rest/api/3/issue/%C3%84%C3%96%201%252F"),
        ("{cloudId}", "/rest/api/3/issue/%7BcloudId%7D"),
        ("..\\x", "/rest/api/3/issue/..%5Cx"),
    ],
)
def test_a_path_parameter_is_one_segment(value, path):
    """Nothing in a value adds a segment, a query or a fragment."""
    assert GET_ISSUE.path({"issueIdOrKey": value}) == path


def test_a_path_needs_its_parameters():
    """A missing one is a mistake in the code, and is not sent as an empty segment."""
    with pytest.raises(KeyError):
        GET_ISSUE.path({})
    assert MYSELF.path({"issueIdOrKey": "unused"}) == "/rest/api/3/myself"


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_any_value_stays_in_its_segment(value):
    """The number of segments is the template's, and the value is what the server decodes."""
    path = GET_ISSUE.path({"issueIdOrKey": value})
    assert path.count("/") == GET_ISSUE.template.count("/")
    assert not set("?#\\ ") & set(path)
    assert unquote(path.rpartition("/")[2]) == value


@pytest.mark.parametrize(
    ("granted", "allowed"),
    [
        ({"read:jira-work"}, True),
        ({"read:jira-work", "write:jira-work", "offline_access"}, True),
        ({"write:jira-work"}, False),
        (set(), False),
        (set(GET_ISSUE.granular), True),
        (set(sorted(GET_ISSUE.granular)[1:]), False),
    ],
)
def test_one_of_the_two_kinds_of_scopes_suffices(granted, allowed):
    """Classic scopes serve, or all of the granular ones."""
    assert GET_ISSUE.allowed_by(frozenset(granted)) is allowed


def test_without_granular_scopes_only_classic_ones_serve():
    """An operation that lists none is not open to everybody."""
    operation = Operation("GET", "/x", "read it", frozenset({"read:jira-work"}), frozenset())
    assert not operation.allowed_by(frozenset({"read:issue:jira"}))
    assert Operation("GET", "/x", "read it", frozenset(), frozenset()).allowed_by(frozenset())


@pytest.mark.parametrize(
    ("operation", "data", "points"),
    [
        (MYSELF, {}, 2),
        (GET_ISSUE, {}, 1),
        (SEARCH_ISSUES, {"issues": [{}, {}, {}]}, 3),
        (SEARCH_ISSUES, {"issues": []}, 0),
        (SEARCH_PROJECTS, {"values": [{}]}, 1),
        (SEARCH_PROJECTS, {"values": None}, 0),
    ],
)
def test_points_count_the_objects_of_an_answer(operation, data, points):
    """One for each core object, two for a user."""
    assert operation.read_points(data) == points
