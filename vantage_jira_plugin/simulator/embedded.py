"""The simulator as an object: assembles the parts, starts the servers, has the knobs. No rules live here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from vantage_jira_plugin.simulator import browser, knobs
from vantage_jira_plugin.simulator.application import Application
from vantage_jira_plugin.simulator.authorization import App, Authorization
from vantage_jira_plugin.simulator.clock import Clock
from vantage_jira_plugin.simulator.control import Control
from vantage_jira_plugin.simulator.faults import Faults
from vantage_jira_plugin.simulator.gateway import EXPIRED_MESSAGES, Gateway
from vantage_jira_plugin.simulator.limits import Limits
from vantage_jira_plugin.simulator.requestlog import LoggedRequest, RequestLog
from vantage_jira_plugin.simulator.scopes import DEFAULT_SCOPES, parse_scopes
from vantage_jira_plugin.simulator.server import Server
from vantage_jira_plugin.simulator.tokenwire import token_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from vantage_jira_plugin.simulator.operations import Route
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["Simulator"]

#: The app of the demonstration. Neither opens anything but a simulator.
APP = App("Vantage", "simulated-client-id", "simulated-client-secret")

#: The service account's credential, for `client_credentials`.
SERVICE_APP = App("Vantage service account", "simulated-service-id", "simulated-service-secret")


class Simulator:
    """A Jira Cloud on loopback: its authorization server and its API gateway, on a port each.

    Attributes:
        clock: simulator time; `clock.advance(seconds)` jumps.
        faults: scripted misbehaviour.
        limits: rate limits.
        authorization: grants, refreshes, replays.
        gateway: what stands in front of the sites.
    """

    def __init__(
        self,
        *,
        sites: Callable[[Clock], Sequence[Site]] | None = None,
        routes: Sequence[Route] | None = None,
        auto_consent: bool = False,
        port: int = 0,
        auth_port: int = 0,
        access_token_seconds: float | None = None,
    ) -> None:
        self.clock = Clock()
        self.faults = Faults(self.clock)
        self.limits = Limits(self.clock)
        self._make_sites = _demo_sites if sites is None else sites
        self._sites: list[Site] | None = None
        self._sites_lock = threading.Lock()
        self._auto_consent = auto_consent
        self._access_token_seconds = access_token_seconds
        self._log = RequestLog()

        def current_sites() -> list[Site]:
            return self.sites

        self.authorization = Authorization(app=APP, service_app=SERVICE_APP, sites=current_sites, clock=self.clock)
        self.gateway = Gateway(
            authorization=self.authorization,
            limits=self.limits,
            clock=self.clock,
            sites=current_sites,
            routes=_all_routes() if routes is None else routes,
        )
        application = Application(
            authorization=self.authorization,
            gateway=self.gateway,
            control=Control(self),
            faults=self.faults,
            log=self._log,
            clock=self.clock,
        )
        self._apply_options()
        self._api = Server(
            lambda request: application.reply(request, "api"), port=port, name="simulator-api", clock=self.clock
        )
        try:
            self._auth = Server(
                lambda request: application.reply(request, "auth"),
                port=auth_port,
                name="simulator-auth",
                clock=self.clock,
            )
        except OSError:
            self._api.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop both servers."""
        self._auth.close()
        self._api.close()

    def reset(self) -> None:
        """Bring everything but the ports back to the start; sites are made anew when next needed."""
        self.clock.reset()
        self.faults.clear()
        self.limits.reset()
        self.authorization.reset()
        self.gateway.reset()
        self._log.clear()
        with self._sites_lock:
            self._sites = None
        self._apply_options()

    def _apply_options(self) -> None:
        self.auto_consent = self._auto_consent
        if self._access_token_seconds is not None:
            self.access_token_seconds = self._access_token_seconds

    # ---- where it is and who may come in ----------------------------------------------------

    @property
    def auth_url(self) -> str:
        """Base URL of the authorization server."""
        return self._auth.url

    @property
    def api_url(self) -> str:
        """Base URL of the API gateway."""
        return self._api.url

    @property
    def client_id(self) -> str:
        """Client id of the registered app."""
        return APP.client_id

    @property
    def client_secret(self) -> str:
        """Client secret of the registered app."""
        return APP.client_secret

    def app(self) -> dict[str, str]:
        """Return what a client needs: `{authUrl, apiUrl, clientId, clientSecret}`, and a service account's two."""
        return {
            "authUrl": self.auth_url,
            "apiUrl": self.api_url,
            "clientId": self.client_id,
            "clientSecret": self.client_secret,
            "serviceClientId": SERVICE_APP.client_id,
            "serviceClientSecret": SERVICE_APP.client_secret,
        }

    def grant(
        self,
        account_id: str | None = None,
        scopes: str | Iterable[str] | None = None,
        sites: Iterable[Site | str] | None = None,
    ) -> dict[str, Any]:
        """Give a grant as if somebody had consented; returns the token endpoint's answer.

        Args:
            account_id: who consents; None for the first site's default account.
            scopes: what is granted; None for `DEFAULT_SCOPES`.
            sites: sites or their cloud ids; None for all.
        """
        pair = self.authorization.grants.give(
            client_id=self.client_id,
            account_id=account_id or self.authorization.person(),
            scopes=DEFAULT_SCOPES if scopes is None else parse_scopes(scopes),
            cloud_ids=frozenset(_cloud_ids(self.sites if sites is None else sites)),
        )
        return token_json(pair)

    def consent(self, authorize_url: str, *, accept: bool = True, sites: Iterable[Site | str] | None = None) -> str:
        """Act as the person's browser at the consent page; returns the redirect, without following it."""
        cloud_ids = None if sites is None else frozenset(_cloud_ids(sites))
        return browser.consent(authorize_url, accept=accept, cloud_ids=cloud_ids)

    # ---- what is in it and what came in -----------------------------------------------------

    @property
    def sites(self) -> list[Site]:
        """Every site's state."""
        with self._sites_lock:
            if self._sites is None:
                self._sites = list(self._make_sites(self.clock))
            return self._sites

    @property
    def site(self) -> Site:
        """The first site's state."""
        return self.sites[0]

    @property
    def requests(self) -> list[LoggedRequest]:
        """Every request since the last reset, in the order of arrival."""
        return self._log.entries()

    def clear_requests(self) -> None:
        """Forget the requests so far, and nothing else."""
        self._log.clear()

    def requests_to(self, path: str) -> list[LoggedRequest]:
        """Return the requests to a path below `/ex/jira/{cloudId}` and to the paths below it."""
        return [entry for entry in self.requests if entry.is_below(path)]

    @property
    def token_requests(self) -> list[LoggedRequest]:
        """The requests to the token endpoint."""
        return [entry for entry in self.requests if entry.path == "/oauth/token"]

    # ---- knobs ------------------------------------------------------------------------------

    @property
    def access_token_seconds(self) -> float:
        """Life of access tokens issued from now on, seconds."""
        return self.authorization.grants.access_token_seconds

    @access_token_seconds.setter
    def access_token_seconds(self, seconds: float) -> None:
        self.authorization.grants.access_token_seconds = seconds

    @property
    def expired_token_status(self) -> int:
        """Answer to an expired or revoked token: 401, 403 or 404."""
        return self.gateway.expired_token_status

    @expired_token_status.setter
    def expired_token_status(self, status: int) -> None:
        if status not in EXPIRED_MESSAGES:
            raise ValueError(f"an expired token is answered with one of {sorted(EXPIRED_MESSAGES)}")
        self.gateway.expired_token_status = status

    @property
    def auto_consent(self) -> bool:
        """Whether `/authorize` sends the browser back at once."""
        return self.authorization.consent.auto_consent

    @auto_consent.setter
    def auto_consent(self, on: bool) -> None:
        self.authorization.consent.auto_consent = on

    def change_settings(self, settings: Mapping[str, Any]) -> None:
        """Change several knobs by name, as `POST /_simulator/settings` does: all, or none where one is wrong.

        Raises:
            ValueError: with what is wrong.
        """
        knobs.turn(self, settings)


def _cloud_ids(sites: Iterable[Site | str]) -> list[str]:
    return [site if isinstance(site, str) else site.cloud_id for site in sites]


# The operations and their grammar load where they are needed, so that importing this package stays quick.


def _demo_sites(clock: Clock) -> Sequence[Site]:
    from vantage_jira_plugin.simulator.seed import demo_sites  # noqa: PLC0415 - see above

    return demo_sites(clock)


def _all_routes() -> Sequence[Route]:
    from vantage_jira_plugin.simulator.operations import ROUTES  # noqa: PLC0415 - see above

    return ROUTES
