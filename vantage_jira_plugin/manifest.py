"""The manifest: what the plugin is and does, as JSON data, made from settings and actions. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import __version__
from .actions import ACTIONS
from .auth.flow import OFFLINE_ACCESS
from .contract import CONTRACT_VERSION
from .operations import MYSELF
from .schemas import json_schema
from .settings import SettingsSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .actions._action import Action
    from .contract import ActionScopes, Manifest
    from .operations import Operation

__all__ = ["action_scopes", "grant_scopes", "manifest", "missing_scopes"]

_TITLE = "Jira Cloud"
#: Atlassian's authorization server.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).
_AUTHORIZE_URL = "https://auth.atlassian.com/authorize"
_TOKEN_URL = "https://auth.atlassian.com/oauth/token"
_CELL_TYPES: Mapping[str, dict[str, Any]] = {
    "string": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "date": {"type": ["string", "null"], "format": "date"},
    "list": {"type": ["array", "null"], "items": {"type": ["string", "number", "boolean", "null"]}},
}


def grant_scopes() -> list[str]:
    """Return the classic scopes that the actions, and telling who is connected, need."""
    return sorted(MYSELF.scopes.union(*(action.scopes for action in ACTIONS.values())))


def action_scopes(granted: frozenset[str]) -> list[ActionScopes]:
    """Say of each action whether the granted scopes suffice, and which are missing."""
    return [
        {"name": action.name, "usable": not (missing := _missing(action.operations, granted)), "missingScopes": missing}
        for action in ACTIONS.values()
    ]


def missing_scopes(granted: frozenset[str]) -> list[str]:
    """Return the classic scopes that some action needs and the grant serves in no form."""
    return _missing([MYSELF, *(operation for action in ACTIONS.values() for operation in action.operations)], granted)


def _missing(operations: Iterable[Operation], granted: frozenset[str]) -> list[str]:
    unserved = [operation.scopes for operation in operations if not operation.allowed_by(granted)]
    return sorted(frozenset[str]().union(*unserved) - granted)


def manifest() -> Manifest:
    """Return the manifest."""
    return {
        "name": "jira",
        "title": _TITLE,
        "version": __version__,
        "contractVersion": CONTRACT_VERSION,
        "settings": json_schema(SettingsSchema),
        "actions": [_described(action) for action in ACTIONS.values()],
        "oauth": {
            "authorizeUrl": _AUTHORIZE_URL,
            "tokenUrl": _TOKEN_URL,
            "scopes": [*grant_scopes(), OFFLINE_ACCESS],
        },
    }


def _described(action: Action) -> dict[str, Any]:
    return {
        "name": action.name,
        "title": action.title,
        "description": action.description,
        "group": action.group,
        "inputs": json_schema(action.inputs),
        "output": _row_schema(action),
        "writes": action.writes,
        "destructive": action.destructive,
        "scopes": sorted(action.scopes),
    }


def _row_schema(action: Action) -> dict[str, Any]:
    properties = {
        column["name"]: {**_CELL_TYPES[column["type"]], "title": column["title"]} for column in action.columns
    }
    return {"type": "object", "properties": properties, "additionalProperties": action.open_columns}
