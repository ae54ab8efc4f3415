"""A site and operations small enough to test the simulator's shell alone, and a client that sees every byte."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vantage_jira_plugin.simulator.messages import Caller, JiraRefusal, Request, Response
from vantage_jira_plugin.simulator.people import Account
from vantage_jira_plugin.simulator.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.embedded import Simulator

#: Cloud ids of the two sites; the second has Confluence as well.
FIRST = "11111111-1111-4111-8111-111111111111"
SECOND = "22222222-2222-4222-8222-222222222222"

ADA = "712020:ada"

READ = frozenset({"read:jira-work"})
WRITE = frozenset({"write:jira-work"})


@dataclass(frozen=True)
class TinyRoute:
    """An operation, as `operations.Route` but without loading any of Jira's."""

    method: str
    template: str
    scopes: frozenset[str]
    granular: frozenset[str]
    handler: Callable[..., Response]
    objects: Callable[[Response], int]
    media_type: str = "application/json"


class TinySite(Site):
    """A site that counts how often an operation acted on it."""

    acts = 0


def tiny_sites(clock: Clock) -> list[Site]:
    """Return two sites with one account each and nothing else."""
    sites: list[Site] = [
        TinySite(clock, cloud_id=FIRST, name="acme"),
        TinySite(clock, cloud_id=SECOND, name="globex", confluence=True),
    ]
    for site in sites:
        site.default_account_id = ADA
        site.accounts[ADA] = Account(ADA, "Ada Byron", "ada@example.com")
    return sites


def _echo(site: Site, request: Request, caller: Caller, parameters: Mapping[str, str]) -> Response:
    site.acts += 1
    return Response(200, {"path": request.path, "account": caller.account_id, **parameters})


def _create(site: Site, request: Request, caller: Caller, parameters: Mapping[str, str]) -> Response:
    request.json()
    site.acts += 1
    return Response(201, {"id": str(10_000 + site.acts), "key": f"OPS-{site.acts}"})


def _edit(site: Site, request: Request, caller: Caller, parameters: Mapping[str, str]) -> Response:
    site.acts += 1
    return Response(204)


def _list(site: Site, request: Request, caller: Caller, parameters: Mapping[str, str]) -> Response:
    site.acts += 1
    return Response(200, {"values": [{"id": str(number), "name": "Äpfel" * 60} for number in range(10)]})


def _refuse(site: Site, request: Request, caller: Caller, parameters: Mapping[str, str]) -> Response:
    raise JiraRefusal(400, "The query is wrong.", errors={"jql": "wrong"})


def _fail(site: Site, request: Request, caller: Caller, parameters: Mapping[str, str]) -> Response:
    raise ZeroDivisionError


def _route(
    method: str,
    template: str,
    scopes: frozenset[str],
    handler: Callable[..., Response],
    *,
    objects: int = 0,
    granular: frozenset[str] = frozenset(),
) -> TinyRoute:
    return TinyRoute(method, f"/rest/api/3/{template}", scopes, granular, handler, lambda _response: objects)


TINY_ROUTES = (
    _route("GET", "myself", frozenset({"read:jira-user"}), _echo, objects=2),
    _route(
        "GET", "issue/{issueIdOrKey}", READ, _echo, objects=1, granular=frozenset({"read:issue:jira", "read:user:jira"})
    ),
    _route("PUT", "issue/{issueIdOrKey}", WRITE, _edit),
    _route("POST", "issue", WRITE, _create),
    _route("GET", "project/search", READ, _list, objects=10),
    _route("GET", "project/{projectIdOrKey}", READ, _echo, objects=1),
    _route("POST", "search/jql", READ, _refuse),
    _route("GET", "sprint", frozenset(), _echo, granular=frozenset({"read:sprint:jira-software"})),
    _route("GET", "broken", frozenset(), _fail),
)


@dataclass(frozen=True)
class Answer:
    """An answer as it came, header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON data."""
        return json.loads(self.body)


def send(url: str, method: str = "GET", *, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request on a connection of its own; data other than bytes goes as JSON."""
    parts = urlsplit(url)
    sent = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, f"{parts.path}{'?' if parts.query else ''}{parts.query}", body, sent)
        answer = connection.getresponse()
        content = answer.read()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)
    finally:
        connection.close()


class Client:
    """A connected app of the tiny sites."""

    def __init__(self, simulator: Simulator, scopes: str | None = None, sites: list[str] | None = None) -> None:
        self.simulator = simulator
        self.grant = simulator.grant(scopes=scopes, sites=sites)

    def call(
        self,
        path: str,
        method: str = "GET",
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        cloud_id: str = FIRST,
    ) -> Answer:
        """Call an operation of a site."""
        sent = {"Authorization": f"Bearer {self.grant['access_token']}", **(headers or {})}
        url = f"{self.simulator.api_url}/ex/jira/{cloud_id}/rest/api/3/{path}"
        return send(url, method, body=body, headers=sent)

    def refresh(self, refresh_token: str | None = None) -> Answer:
        """Exchange a refresh token, by default the grant's own."""
        return self.token(
            {"grant_type": "refresh_token", "refresh_token": refresh_token or self.grant["refresh_token"]}
        )

    def token(self, parameters: Mapping[str, str]) -> Answer:
        """Ask the token endpoint, as the registered app."""
        app = {"client_id": self.simulator.client_id, "client_secret": self.simulator.client_secret}
        return send(f"{self.simulator.auth_url}/oauth/token", "POST", body={**app, **parameters})
