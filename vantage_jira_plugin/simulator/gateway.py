"""The gateway in front of every site: token, site, scope, limits, then Jira. No operation lives here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from vantage_jira_plugin.simulator.limits import Traffic
from vantage_jira_plugin.simulator.messages import Caller, JiraRefusal, Request, Response
from vantage_jira_plugin.simulator.problems import (
    NOT_JSON,
    SCOPE_MISSING,
    gateway_error,
    no_operation,
    no_such_place,
    problem,
)
from vantage_jira_plugin.simulator.resources import accessible_resources, profile
from vantage_jira_plugin.simulator.routing import Found, Router

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.simulator.authorization import Authorization
    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.grants import Family
    from vantage_jira_plugin.simulator.limits import Limits
    from vantage_jira_plugin.simulator.operations import Route
    from vantage_jira_plugin.simulator.requestlog import LoggedRequest
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["SITES_PATH", "Gateway"]

#: What every path to a site begins with; the cloudId follows.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
SITES_PATH = "/ex/jira/"

#: The two paths beside the sites.
OWN_PATHS = frozenset({"/oauth/token/accessible-resources", "/me"})

#: Methods whose body must be of the media type that the operation takes.
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})

#: What the gateway says besides 401 for a token that was good once.
#: Source: https://github.com/n8n-io/n8n/issues/37776
EXPIRED_MESSAGES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


class Gateway:
    """api.atlassian.com: the paths below `/ex/jira/{cloudId}` and the two beside them.

    Attributes:
        expired_token_status: answer to an expired or revoked token: 401, or 403 or 404 as some users saw it.
        latency_seconds: how long a site takes for an answer at least, real seconds.
    """

    def __init__(
        self,
        *,
        authorization: Authorization,
        limits: Limits,
        clock: Clock,
        sites: Callable[[], Sequence[Site]],
        routes: Sequence[Route],
    ) -> None:
        self._authorization = authorization
        self._limits = limits
        self._clock = clock
        self._sites = sites
        self._router = Router(routes)
        self.reset()

    def reset(self) -> None:
        """Return to the usual answer for expired tokens, and to no latency."""
        self.expired_token_status = 401
        self.latency_seconds = 0.0

    def template_of(self, request: Request) -> str | None:
        """Return the template of the operation that a request names, its path where that is no site's, or None."""
        if not request.path.startswith(SITES_PATH):
            return request.path if request.path in OWN_PATHS else None
        slash, rest = request.path.removeprefix(SITES_PATH).partition("/")[1:]
        found = self._router.find(request.method, f"{slash}{rest}")
        return found.route.template if isinstance(found, Found) else None

    def knows(self, method: str, template: str) -> bool:
        """Return whether a site has this operation."""
        found = self._router.find(method, template)
        return isinstance(found, Found) and found.route.template == template

    def answer(self, request: Request, entry: LoggedRequest) -> Response:
        """Answer a request to the API host; notes in its log entry who called."""
        if request.path.startswith(SITES_PATH):
            return self._answer_site(request, entry)
        if request.path not in OWN_PATHS:
            return no_such_place(request.path, self._clock(), failure=None)
        if request.method != "GET":
            return gateway_error(405, "Method Not Allowed")
        family = self._authenticate(request, entry)
        if isinstance(family, Response):
            return family
        return (profile if request.path == "/me" else accessible_resources)(family, self._sites())

    def _answer_site(self, request: Request, entry: LoggedRequest) -> Response:
        cloud_id, slash, rest = request.path.removeprefix(SITES_PATH).partition("/")
        site = next((site for site in self._sites() if site.cloud_id == cloud_id), None)
        if site is None:
            # An unknown site is told before the token is looked at: recorded on 2026-10-08 without any token.
            return no_such_place(request.path, self._clock(), failure="FAILURE_CLIENT_TCS")
        family = self._authenticate(request, entry)
        if isinstance(family, Response):
            return family
        if cloud_id not in family.cloud_ids:
            return no_such_place(request.path, self._clock(), failure="FAILURE_CLIENT_TCS")
        response = self._answer_jira(site, family, request, f"{slash}{rest}", entry)
        headers = {"X-AAccountId": quote(family.account_id, safe=""), **response.headers}
        return Response(response.status, response.body, headers)

    def _answer_jira(self, site: Site, family: Family, request: Request, path: str, entry: LoggedRequest) -> Response:
        found = self._router.find(request.method, path)
        if not isinstance(found, Found):
            return no_operation(request.method, path, found)
        if not _is_in_scope(found.route, family.scopes):
            return gateway_error(401, SCOPE_MISSING)
        traffic = self._traffic(site, family, found)
        admission = self._limits.admit(traffic)
        if admission.refusal is not None:
            entry.closed_window = entry.closed_window or admission.closed_window
            return admission.refusal
        caller = Caller(family.account_id, family.client_id, family.scopes)
        inner = Request(request.method, path, request.query, request.headers, request.body)
        response = _perform(found, site, inner, caller)
        points = 1 + (found.route.objects(response) if response.status < 400 else 0)  # noqa: PLR2004 - errors begin
        quota_headers = self._limits.charge(traffic, points)
        headers = {**admission.headers, **quota_headers, **response.headers}
        return Response(response.status, response.body, headers)

    def _traffic(self, site: Site, family: Family, found: Found) -> Traffic:
        route, issue_key = found.route, found.parameters.get("issueIdOrKey")
        issue = None
        if issue_key is not None and route.method != "GET":
            known = site.find_issue(issue_key)
            issue = str(known.id) if known is not None else issue_key.upper()
        return Traffic(family.client_id, site.cloud_id, route.method, route.template, issue)

    def _authenticate(self, request: Request, entry: LoggedRequest) -> Family | Response:
        """Return the grant behind a good token, or the answer that refuses a bad one."""
        token = self._authorization.token_of(request)
        if token is None:
            return gateway_error(401, EXPIRED_MESSAGES[401])
        if not self._authorization.grants.is_good(token):
            return gateway_error(self.expired_token_status, EXPIRED_MESSAGES[self.expired_token_status])
        entry.account_id = token.family.account_id
        return token.family


def _perform(found: Found, site: Site, request: Request, caller: Caller) -> Response:
    if request.method in BODY_METHODS and request.body:
        content_type = request.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() != found.route.media_type:
            detail = f"Content-Type '{content_type}' is not supported."
            return problem(415, "Unsupported Media Type", detail, request.path)
    try:
        return found.route.handler(site, request, caller, found.parameters)
    except JiraRefusal as refusal:
        return refusal.response()
    except (json.JSONDecodeError, UnicodeError):
        return NOT_JSON


def _is_in_scope(route: Route, granted: frozenset[str]) -> bool:
    """Return whether either set is granted in full; an operation without any set is open to all."""
    sets = [wanted for wanted in (route.scopes, route.granular) if wanted]
    return not sets or any(wanted <= granted for wanted in sets)
