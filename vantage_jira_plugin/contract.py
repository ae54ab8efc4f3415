"""What host and plugin promise each other: hooks, services and envelopes.

No behaviour lives here, and nothing but the standard library and pluggy is imported: a host
loads this module to load any plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NotRequired, Protocol, TypedDict, runtime_checkable

import pluggy

from .errors import PluginError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

__all__ = [
    "CONTRACT_VERSION",
    "ENTRY_POINT_GROUP",
    "PROJECT_NAME",
    "ActionEnvelope",
    "ActionScopes",
    "AuthenticateResult",
    "AuthorizeResult",
    "Column",
    "Cost",
    "CredentialStore",
    "CredentialTransaction",
    "Endpoints",
    "ErrorBody",
    "Estimate",
    "FailureEnvelope",
    "HostServices",
    "Manifest",
    "Metadata",
    "Output",
    "PlannedRead",
    "PlannedWrite",
    "PluginError",
    "SettingsError",
    "SharedState",
    "SharedValue",
    "Site",
    "SuccessEnvelope",
    "Usage",
    "UsageEntry",
    "UsageStore",
    "hookimpl",
    "hookspec",
]

#: pluggy's project name: `PluginManager(PROJECT_NAME)`.
PROJECT_NAME = "vantage"
#: Group of the entry points that carry plugins; ours is named `jira`.
ENTRY_POINT_GROUP = "vantage.plugins"
#: Version of this contract, given in every manifest.
CONTRACT_VERSION = "1"

hookspec = pluggy.HookspecMarker(PROJECT_NAME)
hookimpl = pluggy.HookimplMarker(PROJECT_NAME)


# ---- what the host gives --------------------------------------------------------------------


@runtime_checkable
class Endpoints(Protocol):
    """Base URLs, without a slash at the end; they come from the host, never from settings."""

    @property
    def auth_url(self) -> str:
        """`https://auth.atlassian.com`; `/authorize` and `/oauth/token` are below it."""

    @property
    def api_url(self) -> str:
        """`https://api.atlassian.com`; `/oauth/token/accessible-resources` and `/ex/jira` are below it."""


class CredentialTransaction(Protocol):
    """One credential record, held exclusively."""

    @property
    def record(self) -> Mapping[str, object] | None:
        """The record as it is now, read under the lock; None where none is stored."""

    def save(self, record: Mapping[str, object]) -> None:
        """Store the record; it is durable when this returns. May be called more than once."""

    def delete(self) -> None:
        """Forget the record."""


class CredentialStore(Protocol):
    """The host's credential records, JSON mappings by credential id."""

    def read(self, credential_id: str) -> Mapping[str, object] | None:
        """Return the stored record without a lock, or None."""

    def exclusive(self, credential_id: str, *, timeout_seconds: float) -> AbstractContextManager[CredentialTransaction]:
        """Hold the record against every thread, process and machine that shares the store.

        Raises:
            TimeoutError: somebody else held it for longer than `timeout_seconds`.
        """


class HostServices(Protocol):
    """What the host gives a plugin beside its settings."""

    @property
    def endpoints(self) -> Endpoints:
        """Where Atlassian is."""

    @property
    def credentials(self) -> CredentialStore:
        """Where credential records are kept."""

    def client_secret(self, service_id: str, client_id: str) -> str | None:
        """Return the OAuth client secret of this app; None where the host has none."""

    def open_record(self, sealed: str) -> Mapping[str, object]:
        """Open a record sealed by this host.

        Raises:
            ValueError: not sealed by this host, or tampered with.
        """

    def progress(self, done: int, total: int | None, message: str) -> None:
        """Take note that a long action has come so far; counts are rows."""


# ---- what a host may give besides, as further attributes of its services ------------------------


class SharedValue(NamedTuple):
    """A stored value and the version that it has; versions of one name only grow."""

    value: Mapping[str, Any]
    version: int


class SharedState(Protocol):
    """Optional, `services.shared`: small JSON values that all workers of the host see at once.

    The plugin keeps there what its workers must agree on: closed rate limit windows, the pace of an
    endpoint, which keyed write is under way or done. Without it each connection remembers for itself.
    """

    def read(self, names: Sequence[str]) -> Mapping[str, SharedValue]:
        """Return the values stored under these names; a name without a value is left out."""

    def replace(self, name: str, value: Mapping[str, Any] | None, *, version: int, keep_seconds: float) -> bool:
        """Store a value (None: forget it) in place of the version that was read, 0 where there was none.

        Durable when it returns True; False where another worker was faster, and nothing was stored.
        After `keep_seconds` without a change the host may forget it.
        """


class UsageEntry(TypedDict):
    """What one call cost: of an action, or of `vantage_authenticate` under the name `authenticate`.

    `at` is epoch seconds, when it ended; `code` that of a failure. A call over the turn of a UTC hour has an entry for
    each hour in which it used something, with `at` in that hour; `calls` is 1 in the last of them, 0 in the others.
    """

    at: float
    credentialId: str
    clientId: str
    cloudId: str | None
    site: str | None
    action: str
    runId: str | None
    priority: Literal["interactive", "background"]
    calls: int
    requests: int
    points: int
    retries: int
    waitedSeconds: float
    code: str | None


class UsageStore(Protocol):
    """Optional, `services.usage`: what was used, added up by the host over all its workers."""

    def add(self, entry: UsageEntry) -> None:
        """Count one call, or the part of one that is an hour's."""

    def points(
        self, *, client_id: str, cloud_id: str | None = None, run_id: str | None = None, since: float | None = None
    ) -> int:
        """Return the points that calls of this app used: at one site, in one run, since an epoch second."""


# ---- what travels ---------------------------------------------------------------------------

ColumnType = Literal["string", "integer", "number", "boolean", "datetime", "date", "list"]


class Column(TypedDict):
    """One column of a table; datetimes are ISO 8601 in UTC, dates ISO 8601, lists hold scalars."""

    name: str
    type: ColumnType
    title: str


class Usage(TypedDict):
    """What a call cost: HTTP requests sent, Jira's rate-limit points, repeats, seconds waited."""

    requests: int
    points: int
    retries: int
    waitedSeconds: float
    cacheHits: int


class Cost(TypedDict):
    """HTTP requests, and Jira's rate-limit points."""

    requests: int
    points: int


class Estimate(TypedDict):
    """What a real run would use: HTTP requests, Jira's rate-limit points, and, of reads that are planned, seconds.

    `atLeast` is there only where nobody knows beforehand how much will be read: the others are the most then, and this
    the least.
    """

    requests: int
    points: int
    seconds: NotRequired[float]
    atLeast: NotRequired[Cost]


class PlannedRead(TypedDict):
    """Reads of one kind: how many requests, and how many of them side by side."""

    does: str
    method: str
    path: str
    requests: int
    atOnce: int


class PlannedWrite(TypedDict):
    """A write as it would go out: its path is below the site's base URL, `body` is JSON or None."""

    does: str
    method: str
    path: str
    body: Any


class Metadata(TypedDict):
    """What is known about a table. `dryRun`, `estimate` and `plan` come together, of an action with `dryRun`.

    `state` comes from an incremental reader, which takes it as an input the next time. `chart` is a Vega-Lite
    specification that draws the rows; they are not in it.
    """

    action: str
    site: str | None
    columns: list[Column]
    count: int
    complete: bool
    incompleteReason: NotRequired[str]
    nextPageToken: NotRequired[str]
    state: NotRequired[str]
    chart: NotRequired[dict[str, Any]]
    usage: Usage
    warnings: list[str]
    dryRun: NotRequired[bool]
    estimate: NotRequired[Estimate]
    plan: NotRequired[list[PlannedRead | PlannedWrite]]


class Output(TypedDict):
    """A table: flat rows of scalars and lists of scalars."""

    data: list[dict[str, Any]]
    metadata: Metadata


class SuccessEnvelope(TypedDict):
    """What an action answers when it worked."""

    output1: Output


class ErrorBody(TypedDict):
    """Why an action failed; every key is always there, null where unknown. `retryAfter` is seconds."""

    code: str
    message: str
    action: str | None
    status: int | None
    retryable: bool
    retryAfter: float | None
    errors: dict[str, list[str]]
    hint: str | None
    traceId: str | None


class FailureEnvelope(TypedDict):
    """What an action answers when it failed as it may."""

    error: ErrorBody


ActionEnvelope = SuccessEnvelope | FailureEnvelope


class Site(TypedDict):
    """One Jira site that the grant reaches."""

    cloudId: str
    name: str
    url: str
    scopes: list[str]


class AuthorizeResult(TypedDict):
    """Where to send the person who connects; `expiresAt` is ISO 8601 in UTC."""

    url: str
    state: str
    expiresAt: str


class ActionScopes(TypedDict):
    """Whether the granted scopes suffice for one action."""

    name: str
    usable: bool
    missingScopes: list[str]


class AuthenticateResult(TypedDict):
    """What the connection is worth now; all keys are always there, null or empty where unknown.

    `grantExpiry` (ISO 8601 in UTC) says when the grant ends for lack of use; `actions` says of each
    action whether the granted scopes suffice, and which are missing; `warnings` are for people.
    `reason` tells kinds of `reconnect` apart (`no_grant`, `grant_refused`, `consent_declined`,
    `code_expired`, `state_mismatch`); `message` is for people; `sites` is filled with `choose_site`.
    """

    status: Literal["connected", "reconnect", "choose_site"]
    cloudId: str | None
    siteName: str | None
    siteUrl: str | None
    accountId: str | None
    displayName: str | None
    timeZone: str | None
    scopes: list[str]
    tokenExpiry: str | None
    missingScopes: list[str]
    grantExpiry: str | None
    actions: list[ActionScopes]
    warnings: list[str]
    sites: list[Site]
    reason: str | None
    message: str | None


Manifest = dict[str, Any]
Connection = Any  # opaque to the host: what vantage_configure returned


# ---- hooks ----------------------------------------------------------------------------------


@hookspec
def vantage_manifest() -> Manifest | None:
    """Describe the plugin: settings, actions and OAuth endpoints, as JSON data."""


@hookspec(firstresult=True)
def vantage_configure(connector: str, settings: Mapping[str, Any], services: HostServices) -> Connection | None:
    """Check the settings, without network I/O, and return an opaque connection.

    Answers None when `connector` is not this plugin's.

    Raises:
        SettingsError: `errors` names every bad field at once.
    """


@hookspec(firstresult=True)
def vantage_authorize(connection: Connection, redirect_uri: str) -> AuthorizeResult | None:
    """Start OAuth 2.0 (3LO): say where to send the person."""


@hookspec(firstresult=True)
def vantage_authorized(connection: Connection, callback_url: str, state: str) -> AuthenticateResult | None:
    """Finish OAuth 2.0 (3LO): check the state, exchange the code, resolve the site, store the record."""


@hookspec(firstresult=True)
def vantage_authenticate(connection: Connection) -> AuthenticateResult | None:
    """Make sure that a usable token and a site exist, and prove it with one call.

    Raises:
        PluginError: the answer is not known (network, Jira unavailable, credential store).
    """


@hookspec(firstresult=True)
def vantage_execute_action(
    connection: Connection,
    action: str,
    inputs: Mapping[str, Any],
    config: Mapping[str, Any],
    context: Mapping[str, Any],
) -> ActionEnvelope | None:
    """Run a named action; `inputs` win over `config`, key by key. Expected failures are returned.

    `context` holds what the host knows of the call, all optional: `timeoutSeconds` (how long the caller waits),
    `priority` (`interactive` or `background`), `runId` and `nodeId`. The last two together name one call of one run:
    a write that comes again under the same two is not done again, so that each turn of a loop needs its own `nodeId`.
    """


@hookspec(firstresult=True)
def vantage_disconnect(connection: Connection) -> bool | None:
    """Forget the stored record; later calls answer `reconnect`."""
