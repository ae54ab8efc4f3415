"""The host's own actions, as a plugin like any other. What they read is understood elsewhere."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin import __version__
from vantage_jira_plugin.contract import CONTRACT_VERSION, SettingsError, hookimpl

from .testreport import COLUMNS, read_test_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import ActionEnvelope, Column, HostServices, Manifest

__all__ = ["HostPlugin"]

#: Name of the plugin, and of the connector in `vantage_configure`.
NAME = "host"
#: The only action so far.
READ_TEST_REPORT = "readTestReport"
#: Most that is read of a report, in bytes; a longer one is then cut off and no XML.
MAX_REPORT_BYTES = 64 * 1024 * 1024


class HostPlugin:
    """Hook implementations of the host itself; a connection is the folder that paths start from."""

    @hookimpl
    def vantage_manifest(self) -> Manifest:
        """Describe the host's own actions."""
        return {
            "name": NAME,
            "title": "Vantage reference host",
            "version": __version__,
            "contractVersion": CONTRACT_VERSION,
            "settings": {"type": "object", "properties": {"folder": {"type": "string"}}},
            "actions": [
                {
                    "name": READ_TEST_REPORT,
                    "title": "Read a test report",
                    "description": "Reads a JUnit XML file, one row per test.",
                    "group": "files",
                    "inputs": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["path"],
                        "properties": {
                            "path": {
                                "type": "string",
                                "description": "The file; a relative path starts at the workflow's folder.",
                            }
                        },
                    },
                    "output": {
                        "type": "object",
                        "properties": {name: {"type": [kind, "null"]} for name, kind in COLUMNS.items()},
                    },
                    "writes": False,
                    "destructive": False,
                    "scopes": [],
                }
            ],
        }

    @hookimpl
    def vantage_configure(
        self,
        connector: str,
        settings: Mapping[str, Any],
        services: HostServices,  # noqa: ARG002 - pluggy matches arguments by name
    ) -> Path | None:
        """Return the folder that paths start from."""
        if connector != NAME:
            return None
        folder = settings.get("folder")
        if not isinstance(folder, str):
            raise SettingsError("the host needs a folder", errors={"folder": ["must be a path"]})
        return Path(folder)

    @hookimpl
    def vantage_execute_action(
        self,
        connection: Any,
        action: str,
        inputs: Mapping[str, Any],
        config: Mapping[str, Any],
        context: Mapping[str, Any],  # noqa: ARG002 - pluggy matches arguments by name
    ) -> ActionEnvelope | None:
        """Run a named action; failures are returned."""
        if not isinstance(connection, Path):
            return None
        if action != READ_TEST_REPORT:
            near = get_close_matches(action, [READ_TEST_REPORT], n=1)
            hint = f"did you mean {near[0]}?" if near else f"the host has {READ_TEST_REPORT}"
            return _failure("unknown_action", f"the host has no action {action!r}", action, hint=hint)
        values = {**config, **inputs}
        refused = {name: ["is not an input of this action"] for name in values if name != "path"}
        path = values.get("path")
        if not isinstance(path, str) or not path:
            refused["path"] = ["must be the path of a JUnit XML file"]
        if refused:
            return _refusal("; ".join(f"{name} {texts[0]}" for name, texts in refused.items()), refused)
        return _read(connection / str(path))


def _read(path: Path) -> ActionEnvelope:
    try:
        with path.open("rb") as file:
            rows = read_test_report(file.read(MAX_REPORT_BYTES))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError as error:
        reason = str(error)
    else:
        return _success(rows)
    return _refusal(f"{path.name} could not be read: {reason}", {"path": [f"{path}: {reason}"]})


def _success(rows: list[dict[str, Any]]) -> ActionEnvelope:
    columns: list[Column] = [
        {"name": name, "type": kind, "title": name}  # type: ignore[typeddict-item] # COLUMNS holds these types
        for name, kind in COLUMNS.items()
    ]
    return {
        "output1": {
            "data": rows,
            "metadata": {
                "action": READ_TEST_REPORT,
                "site": None,
                "columns": columns,
                "count": len(rows),
                "complete": True,
                "usage": {"requests": 0, "points": 0, "retries": 0, "waitedSeconds": 0.0, "cacheHits": 0},
                "warnings": [],
            },
        }
    }


def _refusal(message: str, errors: dict[str, list[str]]) -> ActionEnvelope:
    return _failure("input_invalid", message, READ_TEST_REPORT, errors=errors)


def _failure(
    code: str,
    message: str,
    action: str,
    *,
    errors: dict[str, list[str]] | None = None,
    hint: str | None = None,
) -> ActionEnvelope:
    return {
        "error": {
            "code": code,
            "message": message,
            "action": action,
            "status": None,
            "retryable": False,
            "retryAfter": None,
            "errors": errors or {},
            "hint": hint,
            "traceId": None,
        }
    }
