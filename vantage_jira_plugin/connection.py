"""One configured connection: settings, session and client put together, and what its hooks do.

The hooks in `plugin.py` only pass through to here. No HTTP and no Jira words beside putting parts together.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .actions import ACTIONS, find_action
from .asking import Asker
from .auth.flow import finish_consent, start_consent
from .auth.login import Login
from .auth.session import JiraSession
from .auth.store import RecordStore
from .client import JiraClient
from .envelope import failure, success
from .errors import ChooseSiteError, InputError, PluginError, ReconnectError, ScopeMissingError, SiteGoneError
from .manifest import grant_scopes
from .meter import Account, Meter
from .operations import MYSELF
from .points import Work
from .settings import load_settings
from .shared import shared_state
from .site import SiteFacts
from .status import connected, not_connected
from .telemetry import Telemetry
from .transport.backoff import BackoffAdapter
from .transport.board import Board
from .transport.budget import DEFAULT_TIMEOUT_SECONDS, Budget
from .transport.gate import Gate
from .transport.limits import BackoffPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .contract import ActionEnvelope, AuthenticateResult, AuthorizeResult, HostServices
    from .settings import Settings
    from .telemetry import ActionNote

__all__ = ["Connection", "configure"]

#: Under which name `vantage_authenticate` is counted; no action's.
_AUTHENTICATE = "authenticate"
#: Longest patience a caller may name.
_MAX_TIMEOUT_SECONDS = 86_400.0


class Connection:
    """One connection; many threads may use it at once.

    Args:
        sleep, jitter, clock, monotonic, telemetry: for tests; see `BackoffAdapter` and `Login`.
    """

    def __init__(
        self,
        settings: Settings,
        services: HostServices,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.settings = settings
        self._telemetry = telemetry or Telemetry()
        self._services = services
        self._sleep = sleep
        self._jitter = jitter
        self._clock = clock
        self._monotonic = monotonic
        self._store = RecordStore(services.credentials, settings.credential_id, clock=clock)
        self._build(seed_serves=True)

    def _build(self, *, seed_serves: bool) -> None:
        """Put the parts together that hold sockets and locks; they belong to one process."""
        self._process = os.getpid()
        self._facts = SiteFacts(shared=shared_state(self._services), clock=self._clock, monotonic=self._monotonic)
        self._meter = Meter(getattr(self._services, "usage", None), self.settings.client_id)
        self._gate = Gate(
            Board(self._facts.shared, clock=self._clock, monotonic=self._monotonic),
            self._telemetry,
            max_in_flight=self.settings.max_in_flight,
            sleep=self._sleep,
            clock=self._clock,
        )
        adapter = BackoffAdapter(
            self._gate,
            self._telemetry,
            BackoffPolicy(fallback_seconds=self.settings.retry_after_seconds),
            pool_size=self.settings.max_in_flight,
            jitter=self._jitter,
            clock=self._clock,
        )
        session = JiraSession(self._services.endpoints, self.settings.client_id, adapter, clock=self._clock)
        self._login = Login(
            self.settings,
            self._services,
            self._store,
            session,
            clock=self._clock,
            monotonic=self._monotonic,
            seed_serves=seed_serves,
            telemetry=self._telemetry,
        )
        adapter.renew = self._login.renew_request

    def _own(self) -> None:
        """Start over in a forked process: the parent's sockets and the locks of its threads are not for this one."""
        if self._process != os.getpid():
            self._build(seed_serves=self._login.seed_serves)

    def __repr__(self) -> str:
        return f"<Jira connection {self.settings.credential_id!r}>"

    def _client(self, timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS, work: Work | None = None) -> JiraClient:
        self._own()
        budget = Budget(timeout_seconds, clock=self._monotonic)
        account = Account(self.settings, self._meter, budget, work or Work(), clock=self._clock)
        asker = Asker(
            self._login,
            self.settings,
            self._services.endpoints.api_url,
            self._facts,
            budget,
            account=account,
            gate=self._gate,
            telemetry=self._telemetry,
            clock=self._clock,
            sleep=self._sleep,
            jitter=self._jitter,
        )
        return JiraClient(
            self._login,
            self.settings,
            self._facts,
            budget,
            account=account,
            asker=asker,
            progress=self._services.progress,
            clock=self._clock,
            sleep=self._sleep,
        )

    # ---- the login --------------------------------------------------------------------------

    def authorize(self, redirect_uri: str) -> AuthorizeResult:
        """Start the consent; see `auth.flow`."""
        self._own()
        return start_consent(
            self._store,
            self.settings,
            self._login,
            auth_url=self._services.endpoints.auth_url,
            scopes=grant_scopes(),
            redirect_uri=redirect_uri,
            now=self._clock(),
        )

    def authorized(self, callback_url: str, state: str) -> AuthenticateResult:
        """Finish the consent; see `auth.flow`."""
        client = self._client()
        try:
            record = finish_consent(
                self._store,
                self._login,
                callback_url=callback_url,
                state=state,
                now=self._clock(),
                budget=client.budget,
            )
            client.settle_site(record.cloud_id)
        except (ReconnectError, ChooseSiteError) as error:
            return self._not_connected(error)
        return self.authenticate()

    def authenticate(self) -> AuthenticateResult:
        """Make sure that a usable token and a site exist, and prove it with one call.

        Raises:
            PluginError: the answer is not known.
        """
        client = self._client()
        try:
            with _counted(client, _AUTHENTICATE):
                result = self._proven(client)
        except (ReconnectError, ChooseSiteError) as error:
            result = self._not_connected(error)
        result["warnings"] += client.warnings
        return result

    def _proven(self, client: JiraClient) -> AuthenticateResult:
        account: dict[str, Any] = {}
        message = None
        self._login.load(afresh=True)
        site = client.site()
        try:
            account = self._account(client)
        except ScopeMissingError as error:
            message = error.message
        return connected(self.settings, self._login.record, site, account, message=message, now=self._clock())

    def _account(self, client: JiraClient) -> dict[str, Any]:
        """Read who is connected; where the site is gone, resolve it once more, which tells what is left."""
        try:
            account: dict[str, Any] = client.call(MYSELF)
        except SiteGoneError:
            client.site()
            account = client.call(MYSELF)
        return account

    def _not_connected(self, error: ReconnectError | ChooseSiteError) -> AuthenticateResult:
        return not_connected(self.settings, self._login.record, error, now=self._clock())

    def disconnect(self) -> bool:
        """Forget the stored record."""
        client = self._client()
        client.login.disconnect(client.budget)
        return True

    # ---- actions ----------------------------------------------------------------------------

    def execute(self, action: Any, inputs: Any, config: Any, context: Any) -> ActionEnvelope:
        """Run a named action; an expected failure is returned, also of a caller that keeps no contract."""
        known = action if isinstance(action, str) and action in ACTIONS else None
        ids = context if isinstance(context, Mapping) else {}
        with self._telemetry.action(known, run_id=ids.get("runId"), node_id=ids.get("nodeId")) as note:
            return self._run(action, inputs, config, context, note)

    def _run(self, action: Any, inputs: Any, config: Any, context: Any, note: ActionNote) -> ActionEnvelope:
        try:
            found = find_action(action)
            given = {"inputs": inputs, "config": config, "context": context}
            inputs, config, context = (_mapping(name, value) for name, value in given.items())
            parameters, warnings = found.checked(inputs, config, context)
            client = self._client(_timeout_seconds(context), Work.of(context))
            client.warnings += warnings
            with _counted(client, found.name, note):
                table = found(client, parameters)
        except PluginError as error:
            note.failed(error)
            record = self._login.record
            secrets = [secret for secret in (record.access_token, record.refresh_token) if secret]
            return failure(error, action=action if isinstance(action, str) else None, secrets=secrets)
        return success(
            table, action=action, site=client.site_url, usage=client.budget.usage(), warnings=client.warnings
        )


def configure(raw_settings: object, services: HostServices) -> Connection:
    """Return a connection for raw settings; no network I/O.

    Raises:
        SettingsError: names every bad field at once.
    """
    return Connection(load_settings(raw_settings, services.open_record), services)


@contextmanager
def _counted(client: JiraClient, action: str, note: ActionNote | None = None) -> Iterator[None]:
    """Count what a call spends, while it runs and when it ends, however it ends."""
    account, code = client.account, None
    account.begin()
    try:
        yield
    except BaseException as error:
        code = error.code if isinstance(error, PluginError) else type(error).__name__
        raise
    finally:
        if note is not None:
            note.used(client.budget.usage(), site=client.site_url, cloud_id=client.cloud_id)
        account.end(action=action, cloud_id=client.cloud_id, site=client.site_url, code=code)
        if account.trouble is not None:
            client.warnings.append(account.trouble)


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    """Return what the host passed under a name; nothing is an empty mapping."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        text = "must be an object"
        raise InputError(f"{name} {text}", errors={name: [text]})
    return {str(key): part for key, part in value.items()}


def _timeout_seconds(context: Mapping[str, Any]) -> float:
    value = context.get("timeoutSeconds")
    if value is None:
        return DEFAULT_TIMEOUT_SECONDS
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _MAX_TIMEOUT_SECONDS:
        text = f"must be a number of seconds between 0 and {_MAX_TIMEOUT_SECONDS:g}"
        raise InputError(f"context.timeoutSeconds {text}", errors={"timeoutSeconds": [text]})
    return float(value)
