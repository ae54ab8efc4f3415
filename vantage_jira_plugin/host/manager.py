"""Plugins: found, loaded, and asked by name. What a plugin does with a question is its own business."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, cast

import pluggy

from vantage_jira_plugin import contract

from .errors import HostError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from importlib.metadata import EntryPoint

    from vantage_jira_plugin.contract import (
        ActionEnvelope,
        AuthenticateResult,
        AuthorizeResult,
        Connection,
        HostServices,
        Manifest,
    )

__all__ = ["Plugins", "load_plugins"]


@dataclass(frozen=True)
class Plugins:
    """The plugins of this host; every question goes to the one plugin it is for.

    Attributes:
        disabled: names that an administrator has switched off.
        failed: name of each plugin that could not be loaded, and why.
    """

    manager: pluggy.PluginManager
    disabled: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Return the names of the loaded plugins, in order."""
        return sorted(name for name, plugin in self.manager.list_name_plugin() if plugin is not None)

    def require(self, connector: str) -> None:
        """Check that a plugin of that name is loaded.

        Raises:
            HostError: it is disabled, failed to load, or is not installed.
        """
        if connector in self.names:
            return
        if connector in self.disabled:
            hint = f"vantage-jira plugins enable {connector}"
            raise HostError(f"plugin {connector!r} is disabled", hint=hint)
        if connector in self.failed:
            raise HostError(f"plugin {connector!r} could not be loaded: {self.failed[connector]}")
        raise HostError(
            f"there is no plugin {connector!r}; loaded: {', '.join(self.names) or 'none'}",
            hint=f"a plugin is an entry point of the group {contract.ENTRY_POINT_GROUP}",
        )

    def manifest(self, connector: str) -> Manifest:
        """Return what the plugin says of itself.

        Raises:
            HostError: it says nothing, or answers to another name.
        """
        try:
            answers = self._caller(connector, "vantage_manifest")()
        except HostError:
            raise
        except Exception as error:
            raise HostError(f"plugin {connector!r} cannot describe itself: {type(error).__name__}: {error}") from error
        if len(answers) != 1 or answers[0].get("name") != connector:
            raise HostError(f"plugin {connector!r} does not describe itself under that name")
        return cast("Manifest", answers[0])

    def configure(self, connector: str, settings: Mapping[str, Any], services: HostServices) -> Connection:
        """Return a connection of that plugin.

        Raises:
            SettingsError: the plugin refuses the settings.
            HostError: the plugin does not answer for its own name.
        """
        caller = self._caller(connector, "vantage_configure")
        connection = caller(connector=connector, settings=settings, services=services)
        return _answered(connection, connector, "vantage_configure")

    def authorize(self, connector: str, connection: Connection, redirect_uri: str) -> AuthorizeResult:
        """Ask where to send the person who connects."""
        answer = self._caller(connector, "vantage_authorize")(connection=connection, redirect_uri=redirect_uri)
        return cast("AuthorizeResult", _answered(answer, connector, "vantage_authorize"))

    def authorized(self, connector: str, connection: Connection, callback_url: str, state: str) -> AuthenticateResult:
        """Hand over where the person came back to."""
        caller = self._caller(connector, "vantage_authorized")
        answer = caller(connection=connection, callback_url=callback_url, state=state)
        return cast("AuthenticateResult", _answered(answer, connector, "vantage_authorized"))

    def authenticate(self, connector: str, connection: Connection) -> AuthenticateResult:
        """Ask what the connection is worth now."""
        answer = self._caller(connector, "vantage_authenticate")(connection=connection)
        return cast("AuthenticateResult", _answered(answer, connector, "vantage_authenticate"))

    def execute(
        self,
        connector: str,
        connection: Connection,
        *,
        action: str,
        inputs: Mapping[str, Any],
        context: Mapping[str, Any],
    ) -> ActionEnvelope:
        """Run one action; an expected failure is in the envelope."""
        caller = self._caller(connector, "vantage_execute_action")
        answer = caller(connection=connection, action=action, inputs=inputs, config={}, context=context)
        return cast("ActionEnvelope", _answered(answer, connector, "vantage_execute_action"))

    def disconnect(self, connector: str, connection: Connection) -> bool:
        """Make the plugin forget its record; True where it says so."""
        return bool(self._caller(connector, "vantage_disconnect")(connection=connection))

    def _caller(self, connector: str, hook: str) -> pluggy.HookCaller:
        """Return the hook of that one plugin: a connection means nothing to the others."""
        self.require(connector)
        others = [plugin for name, plugin in self.manager.list_name_plugin() if name != connector and plugin]
        return self.manager.subset_hook_caller(hook, remove_plugins=others)


def load_plugins(disabled: Collection[str] = (), builtin: Mapping[str, object] | None = None) -> Plugins:
    """Load every plugin that is installed and not disabled, besides the host's own.

    An installed plugin that cannot be loaded takes nobody else down; `failed` says why.

    Raises:
        HostError: one of the host's own has a hook that the contract does not know.
    """
    manager = pluggy.PluginManager(contract.PROJECT_NAME)
    manager.add_hookspecs(contract)
    for name in disabled:
        manager.set_blocked(name)
    for name, plugin in (builtin or {}).items():
        manager.register(plugin, name=name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise HostError(f"a plugin has a hook that this contract does not know: {error}") from error
    failed: dict[str, str] = {}
    for entry_point in entry_points(group=contract.ENTRY_POINT_GROUP):
        name = entry_point.name
        if manager.is_blocked(name) or manager.has_plugin(name):
            continue
        why = _registered(manager, entry_point)
        if why is not None:
            failed[name] = why
    return Plugins(manager, frozenset(disabled), failed)


def _registered(manager: pluggy.PluginManager, entry_point: EntryPoint) -> str | None:
    """Load and register one plugin; return why it could not be, or None."""
    try:
        manager.register(entry_point.load(), name=entry_point.name)
        manager.check_pending()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code may raise anything while it is imported
        if manager.has_plugin(entry_point.name):
            manager.unregister(name=entry_point.name)
        return f"{type(error).__name__}: {error}"
    return None


def _answered(answer: Any, connector: str, hook: str) -> Any:
    if answer is None:
        raise HostError(f"plugin {connector!r} did not answer {hook}")
    return answer
