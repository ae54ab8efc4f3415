"""From a request to a reply: log, faults, the right host, trace headers. No sockets, no Jira."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.faultkinds import Reply
from vantage_jira_plugin.simulator.gateway import SITES_PATH
from vantage_jira_plugin.simulator.messages import Request, Response

if TYPE_CHECKING:
    from vantage_jira_plugin.simulator.authorization import Authorization
    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.control import Control
    from vantage_jira_plugin.simulator.faults import Fault, Faults
    from vantage_jira_plugin.simulator.gateway import Gateway
    from vantage_jira_plugin.simulator.requestlog import LoggedRequest, RequestLog

__all__ = ["Application"]

#: Paths of the simulator's own; never logged, never met by a fault.
CONTROL_PREFIX = "/_simulator/"

#: Paths of the authorization server.
AUTH_PATHS = frozenset({"/authorize", "/oauth/token"})

#: What every answer says about caches. Source: recorded answers of 2026-10-08.
CACHE_CONTROL = "no-cache, no-store, no-transform"


class Application:
    """Both hosts of Atlassian: "auth" and "api"."""

    def __init__(
        self,
        *,
        authorization: Authorization,
        gateway: Gateway,
        control: Control,
        faults: Faults,
        log: RequestLog,
        clock: Clock,
    ) -> None:
        self._authorization = authorization
        self._gateway = gateway
        self._control = control
        self._faults = faults
        self._log = log
        self._clock = clock

    def reply(self, request: Request, host: str) -> Reply:
        """Return what the server shall do with a request to one of the hosts."""
        if request.path.startswith(CONTROL_PREFIX):
            return Reply(self._control.answer(request))
        operation = self._operation(request, host)
        entry = self._log.begin(request, received_at=self._clock(), host=host, operation=operation)
        done = False
        try:
            fault = self._faults.take(request, entry)
            reply = self._meet(fault, request, entry)
            done = True
        finally:
            if not done:
                entry.status = 500  # a bug of the simulator: the server says so on stderr
        if reply.response is not None:
            entry.status = reply.response.status
        latency_seconds = self._gateway.latency_seconds
        if host == "api" and reply.delay_seconds < latency_seconds and request.path.startswith(SITES_PATH):
            reply = replace(reply, delay_seconds=latency_seconds)
        return reply

    def _operation(self, request: Request, host: str) -> str:
        if host == "api":
            template = self._gateway.template_of(request)
        else:
            template = request.path if request.path in AUTH_PATHS else None
        return f"{request.method} {template or '(unknown)'}"

    def _meet(self, fault: Fault | None, request: Request, entry: LoggedRequest) -> Reply:
        if fault is None:
            return Reply(self._act(request, entry))
        return fault.meet(lambda: self._act(request, entry))

    def _act(self, request: Request, entry: LoggedRequest) -> Response:
        is_auth = entry.host == "auth"
        response = self._answer_auth(request) if is_auth else self._gateway.answer(request, entry)
        trace = uuid.uuid4()
        headers = {
            "Cache-Control": CACHE_CONTROL,
            "Atl-Traceid": trace.hex,
            "Atl-Request-Id": str(trace),
            "X-Arequestid": uuid.uuid4().hex,
        }
        if not is_auth:
            headers["X-Trace-Id"] = trace.hex
        return Response(response.status, response.body, {**headers, **response.headers})

    def _answer_auth(self, request: Request) -> Response:
        match request.method, request.path:
            case _, "/authorize":
                return self._authorization.consent.answer(request)
            case "POST", "/oauth/token":
                return self._authorization.token(request)
            case _, "/oauth/token":
                return Response(405, {"error": "invalid_request", "error_description": "Method Not Allowed"})
            case _:
                return Response(404, b"Not Found", {"Content-Type": "text/plain"})
