from __future__ import annotations

import json
from pathlib import Path

import pytest

from vantage_jira_plugin.simulator.scopes import (
    confluence_scopes,
    jira_scopes,
    parse_scopes,
    unknown_scopes,
)

SPEC = Path(__file__).parents[3] / "shared" / "jira" / "spec" / "jira-platform.v3.json"


def test_scopes_are_told_apart_by_product():
    """Jira's, Confluence's and the account's own scopes do not mix."""
    scopes = parse_scopes("read:jira-work read:issue:jira read:confluence-space.summary read:page:confluence read:me")
    assert jira_scopes(scopes) == {"read:jira-work", "read:issue:jira"}
    assert confluence_scopes(scopes) == {"read:confluence-space.summary", "read:page:confluence"}
    assert unknown_scopes(scopes) == frozenset()


def test_unknown_scopes_are_named():
    """What no product knows is found."""
    assert unknown_scopes({"read:everything", "offline_access", "READ:jira-work"}) == {
        "read:everything",
        "READ:jira-work",
    }


@pytest.mark.skipif(not SPEC.exists(), reason="Atlassian's OpenAPI file is not in ../shared/jira")
def test_every_scope_of_the_platform_is_known():
    """Each scope that Atlassian's OpenAPI file names is one of Jira's."""
    spec = json.loads(SPEC.read_text())
    named = {
        scope
        for path in spec["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for scheme in operation.get("x-atlassian-oauth2-scopes", [])
        for scope in scheme["scopes"]
    }
    assert len(named) > 100
    assert named == jira_scopes(named)
