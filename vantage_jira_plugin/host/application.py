"""The host put together: home, database, keys, plugins. Commands are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .builtin import HostPlugin
from .credential_store import Credential, SqlCredentialStore, sealed_records
from .database import Database
from .errors import HostError
from .home import Home
from .keys import EnvironmentKeys, KeyFile, key_source
from .manager import Plugins, load_plugins
from .sealing import SealedRecordError, Sealer, key_id_of
from .services import BaseUrls, ReferenceServices
from .settings_store import PluginSettingsStore
from .shared_state import SqlSharedState
from .usage_store import SqlUsageStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import ActionEnvelope, AuthenticateResult, AuthorizeResult, Connection

    from .progress import ProgressDisplay

__all__ = ["Host", "Link"]

#: What `encryptedRecord` is before the first consent, so says the contract.
EMPTY_RECORD = {"accessToken": None, "refreshToken": None, "cloudId": None, "tokenExpiry": None}
#: Name under which the host's own actions are found; a credential needs another.
HOST_CONNECTOR = "host"
#: Stands for the names of a credential where settings are checked that belong to none.
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Link:
    """A configured connection and the plugin it belongs to."""

    plugins: Plugins = field(repr=False)
    connector: str
    connection: Connection = field(repr=False)
    display: ProgressDisplay = field(repr=False)

    def authorize(self, redirect_uri: str) -> AuthorizeResult:
        """Ask where to send the person who connects."""
        return self.plugins.authorize(self.connector, self.connection, redirect_uri)

    def authorized(self, callback_url: str, state: str) -> AuthenticateResult:
        """Hand over where the person came back to."""
        return self.plugins.authorized(self.connector, self.connection, callback_url, state)

    def authenticate(self) -> AuthenticateResult:
        """Ask what the connection is worth now."""
        return self.plugins.authenticate(self.connector, self.connection)

    def disconnect(self) -> bool:
        """Make the plugin forget its record."""
        return self.plugins.disconnect(self.connector, self.connection)

    def execute(self, action: str, inputs: Mapping[str, Any], context: Mapping[str, Any]) -> ActionEnvelope:
        """Run one action; an expected failure is in the envelope."""
        try:
            return self.plugins.execute(self.connector, self.connection, action=action, inputs=inputs, context=context)
        finally:
            self.display.end()


@dataclass(frozen=True)
class Host:
    """Everything a command needs, opened once."""

    environ: Mapping[str, str] = field(repr=False)
    home: Home
    database: Database = field(repr=False)
    keys: EnvironmentKeys | KeyFile = field(repr=False)
    sealer: Sealer = field(repr=False)
    credentials: SqlCredentialStore = field(repr=False)
    settings: PluginSettingsStore = field(repr=False)
    shared: SqlSharedState = field(repr=False)
    usage: SqlUsageStore = field(repr=False)
    plugins: Plugins

    @classmethod
    def open(cls, environ: Mapping[str, str], *, plugins: Mapping[str, object] | None = None) -> Host:
        """Open the host that the environment describes, with `plugins` beside the installed ones.

        Raises:
            HostError: the environment is not usable.
            StoreError: the database is not.
        """
        home = Home.from_environment(environ)
        database = Database.from_environment(environ, home)
        keys = key_source(environ, home.key_path, lambda: _key_ids(database))
        sealer = Sealer(keys)
        settings = PluginSettingsStore(database)
        return cls(
            environ=environ,
            home=home,
            database=database,
            keys=keys,
            sealer=sealer,
            credentials=SqlCredentialStore(database, sealer),
            settings=settings,
            shared=SqlSharedState(database),
            usage=SqlUsageStore(database),
            plugins=load_plugins(settings.disabled(), {HOST_CONNECTOR: HostPlugin(), **(plugins or {})}),
        )

    def close(self) -> None:
        """Close what is kept open; a host that is closed must not be used any more."""
        self.database.close()

    def credential(self, credential_id: str) -> Credential:
        """Return a credential that this host knows.

        Raises:
            HostError: it does not.
        """
        credential = self.credentials.get(credential_id)
        if credential is None:
            known = ", ".join(known.credential_id for known in self.credentials.everything())
            raise HostError(
                f"there is no credential {credential_id!r}; known: {known or 'none'}",
                hint=f"vantage-jira connect --credential {credential_id} --client-id CLIENT_ID",
            )
        return credential

    def services(self, credential_id: str) -> ReferenceServices:
        """Return what a plugin is given for this credential."""
        return ReferenceServices(
            endpoints=BaseUrls.from_environment(self.environ),
            credentials=self.credentials,
            shared=self.shared,
            usage=self.usage,
            sealer=self.sealer,
            credential_id=credential_id,
            environ=self.environ,
        )

    def link(
        self,
        credential_id: str,
        own_settings: Mapping[str, Any] | None = None,
        registration: Mapping[str, str] | None = None,
    ) -> Link:
        """Configure the plugin of a credential, with settings and registration in place of those kept for it.

        A registration is `{connector, service_id, client_id}`, as `credentials.register` takes it.

        Raises:
            HostError: there is no such credential, its plugin is not loaded, or the key file is lost.
            SealedRecordError: the record was sealed with another key, or damaged.
            SettingsError: the plugin refuses the settings.
        """
        credential = self.credential(credential_id)
        if credential.sealed is not None:  # what does not open must not look like a login that is not there
            self.sealer.open(credential.sealed, credential_id=credential_id)
        if registration is not None:
            credential = replace(
                credential,
                connector=registration["connector"],
                service_id=registration["service_id"],
                client_id=registration["client_id"],
            )
        settings = {
            **self.settings.settings(credential.connector),
            **(credential.settings if own_settings is None else own_settings),
            "encryptedRecord": credential.sealed or dict(EMPTY_RECORD),
            "serviceId": credential.service_id,
            "clientId": credential.client_id,
            "credentialId": credential.credential_id,
        }
        return self._configure(credential.connector, settings, credential_id)

    def check(
        self,
        connector: str,
        settings: Mapping[str, Any],
        *,
        record: Mapping[str, Any] | None = None,
        service_id: str = NOBODY,
        client_id: str = NOBODY,
        credential_id: str = NOBODY,
    ) -> None:
        """Ask the plugin whether it could work with settings and record; nothing is stored.

        Raises:
            HostError: the plugin is not loaded.
            SettingsError: the plugin refuses; `errors` names the fields.
        """
        names = {"serviceId": service_id, "clientId": client_id, "credentialId": credential_id}
        asked = {**settings, "encryptedRecord": dict(record or EMPTY_RECORD), **names}
        self._configure(connector, asked, credential_id)

    def own_link(self, folder: str) -> Link:
        """Configure the host's own actions, which read files below `folder`."""
        return self._configure(HOST_CONNECTOR, {"folder": folder}, "")

    def _configure(self, connector: str, settings: Mapping[str, Any], credential_id: str) -> Link:
        services = self.services(credential_id)
        connection = self.plugins.configure(connector, settings, services)
        return Link(self.plugins, connector, connection, services.display)


def _key_ids(database: Database) -> set[str]:
    """Return the ids of the keys that the stored records need."""
    found = set()
    for sealed in sealed_records(database):
        try:
            found.add(key_id_of(sealed))
        except SealedRecordError:  # damaged: no key opens it
            continue
    return found
