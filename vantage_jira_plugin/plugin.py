"""The hook implementations: what the entry point loads. They import the rest only when they are called.

No logic lives here: a host loads many plugins at start, and this module must cost next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.connection import Connection
    from vantage_jira_plugin.contract import (
        ActionEnvelope,
        AuthenticateResult,
        AuthorizeResult,
        HostServices,
        Manifest,
    )

#: The same marker as `contract.hookimpl`; importing the contract would take longer than pluggy does.
hookimpl = pluggy.HookimplMarker("vantage")

#: What `vantage_configure` must be asked for.
_CONNECTOR = "jira"


@hookimpl
def vantage_manifest() -> Manifest:
    """Describe the plugin."""
    from vantage_jira_plugin.manifest import manifest

    return manifest()


@hookimpl
def vantage_configure(connector: str, settings: Mapping[str, Any], services: HostServices) -> Connection | None:
    """Check the settings and return a connection; None where another plugin is meant."""
    if connector != _CONNECTOR:
        return None
    from vantage_jira_plugin.connection import configure

    return configure(settings, services)


@hookimpl
def vantage_authorize(connection: Any, redirect_uri: str) -> AuthorizeResult | None:
    """Say where to send the person who connects."""
    return connection.authorize(redirect_uri) if _is_ours(connection) else None


@hookimpl
def vantage_authorized(connection: Any, callback_url: str, state: str) -> AuthenticateResult | None:
    """Finish what `vantage_authorize` started."""
    return connection.authorized(callback_url, state) if _is_ours(connection) else None


@hookimpl
def vantage_authenticate(connection: Any) -> AuthenticateResult | None:
    """Prove that the connection works."""
    return connection.authenticate() if _is_ours(connection) else None


@hookimpl
def vantage_execute_action(
    connection: Any,
    action: str,
    inputs: Mapping[str, Any],
    config: Mapping[str, Any],
    context: Mapping[str, Any],
) -> ActionEnvelope | None:
    """Run a named action."""
    return connection.execute(action, inputs, config, context) if _is_ours(connection) else None


@hookimpl
def vantage_disconnect(connection: Any) -> bool | None:
    """Forget the stored record."""
    return connection.disconnect() if _is_ours(connection) else None


def _is_ours(connection: object) -> bool:
    """Tell our connections from those of other plugins on the same host."""
    from vantage_jira_plugin.connection import Connection

    return isinstance(connection, Connection)
