from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from tests.givensettings import NAMES
from tests.memoryhost import settings_for
from vantage_jira_plugin import __version__
from vantage_jira_plugin.actions import ACTIONS
from vantage_jira_plugin.contract import CONTRACT_VERSION
from vantage_jira_plugin.manifest import action_scopes, grant_scopes, manifest, missing_scopes
from vantage_jira_plugin.operations import MYSELF, SEARCH_ISSUES

_MANIFEST = manifest()
_ACTIONS = {action["name"]: action for action in _MANIFEST["actions"]}


def test_the_manifest_is_json_data():
    """A host may store it, and gets the same each time."""
    assert json.loads(json.dumps(_MANIFEST)) == _MANIFEST
    assert manifest() == _MANIFEST


def test_the_manifest_has_the_contracts_keys():
    """Name, versions, settings, actions and OAuth, and nothing else."""
    assert list(_MANIFEST) == ["name", "title", "version", "contractVersion", "settings", "actions", "oauth"]
    assert (_MANIFEST["name"], _MANIFEST["title"]) == ("jira", "Jira Cloud")
    assert (_MANIFEST["version"], _MANIFEST["contractVersion"]) == (__version__, CONTRACT_VERSION)


def test_oauth_is_atlassians():
    """Endpoints are the documented ones, and the grant asks for a refresh token."""
    oauth = _MANIFEST["oauth"]
    assert oauth["authorizeUrl"] == "https://auth.atlassian.com/authorize"
    assert oauth["tokenUrl"] == "https://auth.atlassian.com/oauth/token"
    assert oauth["scopes"] == ["read:jira-user", "read:jira-work", "write:jira-work", "offline_access"]


def test_the_settings_begin_with_the_products_eight():
    """The names are the product's, in its order; ours follow and are optional."""
    settings = _MANIFEST["settings"]
    assert list(settings["properties"])[:8] == NAMES
    assert settings["required"] == ["encryptedRecord", "serviceId", "clientId", "credentialId"]
    assert settings["additionalProperties"] is False
    assert all(described["description"] for described in settings["properties"].values())


@pytest.mark.parametrize(
    "settings",
    [
        settings_for(None),
        settings_for({"access_token": "a", "refresh_token": "r"}),
        settings_for(None, accessToken=None, tokenExpiry=None, cloudId=None, retryAfter=None),
        settings_for(None, tokenExpiry="2026-01-31T09:30:00Z", retryAfter=5, cloudId="11111111-2222"),
        settings_for(None, tokenExpiry=1_769_851_800_000, readOnly=True, allowedProjects=["DEV"]),
        settings_for(None) | {"encryptedRecord": "sealed"},
    ],
    ids=range(6),
)
def test_usable_settings_match_their_schema(settings):
    """What the contract calls settings, null defaults among them, is valid."""
    Draft202012Validator(_MANIFEST["settings"]).validate(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"serviceId": None},
        {"encryptedRecord": None},
        {"encryptedRecord": 7},
        {"clientID": "c"},
        {"retryAfter": -1},
        {"retryAfter": "soon"},
        {"readOnly": "yes"},
        {"allowedProjects": ["no key"]},
    ],
    ids=str,
)
def test_unusable_settings_do_not_match_their_schema(wrong):
    """A form made of the schema refuses them before the plugin does."""
    assert not Draft202012Validator(_MANIFEST["settings"]).is_valid(settings_for(None) | wrong)


def test_every_action_is_described_once():
    """The catalogue's order is kept."""
    assert [action["name"] for action in _MANIFEST["actions"]] == list(ACTIONS)
    assert len(_ACTIONS) == len(_MANIFEST["actions"])


@pytest.mark.parametrize("action", _ACTIONS.values(), ids=_ACTIONS)
def test_an_action_is_described_in_full(action):
    """Texts for people, schemas for forms, scopes and whether it writes."""
    assert list(action) == [
        "name",
        "title",
        "description",
        "group",
        "inputs",
        "output",
        "writes",
        "destructive",
        "scopes",
    ]
    assert action["description"].endswith(".")
    assert action["title"]
    assert isinstance(action["writes"], bool)
    assert isinstance(action["destructive"], bool)
    assert action["writes"] is ("write:jira-work" in action["scopes"])
    assert action["scopes"] == sorted(set(action["scopes"]))
    assert set(action["scopes"]) <= set(_MANIFEST["oauth"]["scopes"])


@pytest.mark.parametrize("action", _ACTIONS.values(), ids=_ACTIONS)
def test_the_schemas_of_an_action_are_json_schema(action):
    """Inputs and output are valid 2020-12, with a description of every input."""
    Draft202012Validator.check_schema(action["inputs"])
    Draft202012Validator.check_schema(action["output"])
    assert action["inputs"]["type"] == action["output"]["type"] == "object"
    assert action["inputs"]["additionalProperties"] is False
    assert all(described["description"] for described in action["inputs"]["properties"].values())
    assert set(action["inputs"].get("required", [])) <= set(action["inputs"]["properties"])


@pytest.mark.parametrize("action", _ACTIONS.values(), ids=_ACTIONS)
def test_examples_and_defaults_match_their_own_schema(action):
    """What a form shows as an example, or fills in, is accepted."""
    for name, described in action["inputs"]["properties"].items():
        values = [*described.get("examples", []), *([described["default"]] if "default" in described else [])]
        for value in values:
            errors = [error.message for error in Draft202012Validator(described).iter_errors(value)]
            assert errors == [], name


@pytest.mark.parametrize("action", _ACTIONS.values(), ids=_ACTIONS)
def test_an_empty_row_matches_the_output(action):
    """Every cell may be null, and only issue tables have columns beyond those listed."""
    properties = action["output"]["properties"]
    assert properties
    row = dict.fromkeys(properties)
    validator = Draft202012Validator(action["output"])
    validator.validate(row)
    assert validator.is_valid(row | {"Story points": 3}) is ACTIONS[action["name"]].open_columns


def test_the_settings_schema_is_json_schema():
    """It is valid 2020-12."""
    Draft202012Validator.check_schema(_MANIFEST["settings"])


def test_missing_scopes_are_what_the_grant_does_not_serve():
    """Granular scopes serve as well as classic ones; the answer names the classic ones to add."""
    everything = frozenset(grant_scopes())
    assert missing_scopes(everything) == []
    assert missing_scopes(everything | {"read:me"}) == []
    assert missing_scopes(frozenset()) == grant_scopes()
    assert missing_scopes(everything - {"read:jira-user"}) == ["read:jira-user"]
    assert missing_scopes(everything - {"read:jira-user"} | MYSELF.granular) == []
    assert missing_scopes(everything - {"read:jira-work"} | SEARCH_ISSUES.granular) == ["read:jira-work"]


def test_each_action_says_whether_the_grant_serves_it():
    """In the catalogue's order; an action that calls no operation needs no scope."""
    assert [action["name"] for action in action_scopes(frozenset())] == list(ACTIONS)
    for action in action_scopes(frozenset()):
        assert action["missingScopes"] == sorted(ACTIONS[action["name"]].scopes)
        assert action["usable"] is not bool(action["missingScopes"])
    reading = {action["name"]: action for action in action_scopes(frozenset({"read:jira-work"}))}
    assert reading["getIssue"] == {"name": "getIssue", "usable": True, "missingScopes": []}
    assert reading["createIssue"] == {"name": "createIssue", "usable": False, "missingScopes": ["write:jira-work"]}


def test_a_dry_run_is_described_by_what_the_action_does():
    """Only an action that writes says what it would write; a read says what it would take."""
    for action in manifest()["actions"]:
        text = action["inputs"]["properties"]["dryRun"]["description"]
        assert text.startswith("Send no write" if action["writes"] else "Read no more than it takes"), action["name"]
