"""The simulator's answers against Atlassian's OpenAPI file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.simulator.playing import play
from vantage_jira_plugin.simulator.operations import ROUTES

if TYPE_CHECKING:
    from pathlib import Path

    from vantage_jira_plugin.simulator.messages import Response
    from vantage_jira_plugin.simulator.operations import Route

#: Members that real answers have though the file's closed schemas do not know them: recorded 2026-04-28
#: (untranslatedName of fields, types, statuses), 2022-01-09 (defaultLocale), or in the file's own example
#: (isDefault of resolutions).
_BEYOND_THE_FILE = frozenset({"untranslatedName", "defaultLocale", "isDefault"})
#: Ids and texts of a change that are null in every recording, though the file says strings.
_NULL_IN_JIRA = frozenset({"from", "fromString", "to", "toString"})
#: Where the file names no scopes, or an answer (410) that only recordings show.
_WITHOUT_SCOPES = frozenset({"/rest/api/3/priority/search"})
_REMOVED = "/rest/api/3/search"


@pytest.fixture(scope="module")
def openapi(shared_jira: Path) -> dict[str, Any]:
    """Atlassian's OpenAPI file of the platform."""
    loaded: dict[str, Any] = json.loads((shared_jira / "spec" / "jira-platform.v3.json").read_text())
    # The file contradicts itself here: no members at all, and any of four kinds of clauses.
    del loaded["components"]["schemas"]["JqlQueryClause"]["additionalProperties"]
    return loaded


@pytest.fixture(scope="module")
def exchanges() -> list[tuple[Route, Response]]:
    """Every operation's answers, good and bad."""
    return play().exchanges


def test_every_operation_is_played(exchanges: list[tuple[Route, Response]]) -> None:
    """No operation is left out of what the other tests look at."""
    played = {(route.method, route.template) for route, _ in exchanges}
    assert played == {(route.method, route.template) for route in ROUTES}
    good = {(route.method, route.template) for route, answer in exchanges if answer.status < 400}
    assert played - good == {("GET", _REMOVED), ("POST", _REMOVED)}


def test_every_operation_is_in_the_file_with_its_scopes(openapi: dict[str, Any]) -> None:
    """Methods, paths, classic and granular scopes are those of the file."""
    for route in ROUTES:
        operation = openapi["paths"][route.template][route.method.lower()]
        scopes = {entry["state"]: entry["scopes"] for entry in operation.get("x-atlassian-oauth2-scopes", [])}
        if route.template in _WITHOUT_SCOPES:
            assert not scopes
            continue
        assert route.scopes == frozenset(scopes["Current"]), route.template
        assert route.granular == frozenset(scopes["Beta"]), route.template


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: _without(member, names)
            for name, member in value.items()
            if name not in names and not (name in _NULL_IN_JIRA and member is None)
        }
    if isinstance(value, list):
        return [_without(member, names) for member in value]
    return value


def test_answers_fit_the_file(openapi: dict[str, Any], exchanges: list[tuple[Route, Response]]) -> None:
    """Every answer has a status of its operation and fits the schema that the file gives for it."""
    registry: Registry[Any] = Registry().with_resource(
        "urn:jira", Resource.from_contents(openapi, default_specification=DRAFT202012)
    )
    for route, answer in exchanges:
        name = f"{route.method} {route.template} {answer.status}"
        responses = openapi["paths"][route.template][route.method.lower()]["responses"]
        if route.template == _REMOVED:
            assert answer.status == 410
            continue
        problem = "problem+json" in answer.headers.get("Content-Type", "")
        expected = responses.get(str(answer.status))
        # Recorded answers show 400 and 404 on operations whose file entry leaves them out.
        assert expected is not None or answer.status in {400, 404}, name
        content = (expected or {}).get("content")
        schema = next(iter(content.values())).get("schema", {}) if content else {}
        if isinstance(answer.body, bytes):
            assert answer.status in {200, 403}, name
            continue
        if answer.status >= 400 and not problem:
            assert set(answer.body) <= {"errorMessages", "errors", "issues"}, name
            if "issues" not in answer.body:
                schema = {"$ref": "#/components/schemas/ErrorCollection"}
        if answer.status in {204, 303}:
            assert answer.body is None, name
            continue
        if problem:
            assert set(answer.body) == {"type", "title", "status", "detail", "instance"}
            continue
        schema = json.loads(json.dumps(schema).replace('"#/components', '"urn:jira#/components'))
        errors = Draft202012Validator(schema, registry=registry).iter_errors(_without(answer.body, _BEYOND_THE_FILE))
        found = [f"{name} {list(error.absolute_path)} {error.message[:200]}" for error in errors]
        assert not found, found[0]
