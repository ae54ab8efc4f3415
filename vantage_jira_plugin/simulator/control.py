"""Control over HTTP for a simulator in a process of its own: `/_simulator/...`. Loopback only, no Jira here.

| request | does |
|---|---|
| GET /_simulator/app | client id and secret, base URLs |
| GET /_simulator/requests | the request log; DELETE forgets it |
| GET /_simulator/summary?since= | counts of the log: `measures.summary`, and `{now, points_used}` (of this hour) |
| GET /_simulator/issues?project= | what is stored: `measures.stored_issues`; `site=` (cloud id) is the first |
| GET /_simulator/authorization | grants, refreshes, reuses, replays |
| POST /_simulator/grant | a grant as if consented: `{account_id, scopes, sites}`, each optional |
| POST /_simulator/faults | adds a fault, or a list of them; DELETE lifts all |
| POST /_simulator/clock | `{advance_seconds}` |
| POST /_simulator/settings | any of `knobs.KNOBS` |
| POST /_simulator/limits | sets a bucket: `{method, template, rate_per_second, capacity}`, rest of `Burst` optional |
| POST /_simulator/issues/..., permissions, fields | changes a site: `stagehand.CHANGES` |
| POST /_simulator/reset | everything back to the start |
"""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vantage_jira_plugin.simulator import stagehand
from vantage_jira_plugin.simulator.bursts import Burst
from vantage_jira_plugin.simulator.consent import LOOPBACK_HOSTS
from vantage_jira_plugin.simulator.faults import Fault
from vantage_jira_plugin.simulator.knobs import KNOBS
from vantage_jira_plugin.simulator.measures import stored_issues, summary
from vantage_jira_plugin.simulator.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.simulator.embedded import Simulator
    from vantage_jira_plugin.simulator.requestlog import LoggedRequest

__all__ = ["Control"]

#: Fields of a fault, by name.
FAULT_FIELDS = frozenset(field.name for field in fields(Fault))

#: What a bucket needs, and what it may have.
BURST_NEEDS = frozenset({"method", "template", "rate_per_second", "capacity"})
BURST_FIELDS = BURST_NEEDS | {field.name for field in fields(Burst)}


class _RefusalError(ValueError):
    """The control request is not usable."""


class Control:
    """Answers control requests by turning the simulator's own knobs."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._operations: Mapping[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", "app"): self._app,
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): self._clear_requests,
            ("GET", "summary"): self._summary,
            ("GET", "issues"): self._issues,
            ("GET", "authorization"): self._authorization,
            ("POST", "grant"): self._grant,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "clock"): self._clock,
            ("POST", "settings"): self._settings,
            ("POST", "limits"): self._limits,
            ("POST", "reset"): self._reset,
            **{("POST", name): partial(self._change, name) for name in stagehand.CHANGES},
        }

    def answer(self, request: Request) -> Response:
        """Answer a request below `/_simulator/`."""
        # A page in the person's browser must not get here through a name that points at loopback.
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        if host not in LOOPBACK_HOSTS or "origin" in request.headers:
            return Response(403, {"error": "loopback clients only"})
        operation = self._operations.get((request.method, request.path.removeprefix("/_simulator/")))
        if operation is None:
            return Response(404, {"error": f"no control {request.method} {request.path}"})
        try:
            if request.method == "GET":
                data = {name: values[0] for name, values in request.query.items()}
            else:
                data = request.json() if request.body else {}
            return Response(200, operation(data))
        except ValueError as error:
            return Response(400, {"error": str(error)})

    def _app(self, _data: Any) -> dict[str, str]:
        return self._simulator.app()

    def _requests(self, _data: Any) -> list[dict[str, Any]]:
        return [_entry_json(entry) for entry in self._simulator.requests]

    def _clear_requests(self, _data: Any) -> dict[str, Any]:
        self._simulator.clear_requests()
        return {}

    def _summary(self, data: Any) -> dict[str, Any]:
        since = _moment(_object(data, {"since"}).get("since", "-inf"))
        return {
            "now": self._simulator.clock(),
            "points_used": self._simulator.limits.points_used,
            **summary(self._simulator.requests, since=since),
        }

    def _issues(self, data: Any) -> list[dict[str, Any]]:
        given = _object(data, {"project", "site"})
        cloud_id, key = given.get("site"), given.get("project")
        sites = (site for site in self._simulator.sites if cloud_id in {None, site.cloud_id})
        site = next(sites, None)
        if site is None:
            raise _RefusalError(f"no site {cloud_id}")
        project = None if key is None else site.project(key)
        if key is not None and project is None:
            raise _RefusalError(f"no project {key}")
        return stored_issues(site, project)

    def _authorization(self, _data: Any) -> dict[str, Any]:
        authorization = self._simulator.authorization
        return {
            "refreshes": authorization.refreshes,
            "reuses": authorization.reuses,
            "replays": authorization.replays,
            "families": [
                {
                    "account_id": family.account_id,
                    "scopes": sorted(family.scopes),
                    "refreshes": family.refreshes,
                    "revoked": family.revoked,
                }
                for family in authorization.families
            ],
        }

    def _grant(self, data: Any) -> dict[str, Any]:
        given = _object(data, {"account_id", "scopes", "sites"})
        return self._simulator.grant(
            account_id=given.get("account_id"), scopes=given.get("scopes"), sites=given.get("sites")
        )

    def _add_faults(self, data: Any) -> dict[str, int]:
        listed = data if isinstance(data, list) else [data]
        faults = [_fault(item) for item in listed]
        self._simulator.faults.add(*faults)
        return {"added": len(faults)}

    def _clear_faults(self, _data: Any) -> dict[str, Any]:
        self._simulator.faults.clear()
        return {}

    def _clock(self, data: Any) -> dict[str, float]:
        seconds = _object(data, {"advance_seconds"}).get("advance_seconds", 0)
        if not isinstance(seconds, int | float) or seconds < 0:
            raise _RefusalError("advance_seconds must be a number, not below 0")
        self._simulator.clock.advance(seconds)
        return {"now": self._simulator.clock()}

    def _settings(self, data: Any) -> dict[str, Any]:
        given = _object(data, frozenset(KNOBS))
        self._simulator.change_settings(given)
        return dict(given)

    def _limits(self, data: Any) -> dict[str, Any]:
        given = _object(data, BURST_FIELDS)
        missing = BURST_NEEDS - given.keys()
        if missing:
            raise _RefusalError(f"missing: {', '.join(sorted(missing))}")
        method, template = given["method"], given["template"]
        if not (
            isinstance(method, str) and isinstance(template, str) and self._simulator.gateway.knows(method, template)
        ):
            raise _RefusalError("method and template name no operation of a site")
        self._simulator.limits.burst(**given)
        self._simulator.limits.burst_on = True
        return dict(given)

    def _change(self, name: str, data: Any) -> dict[str, Any]:
        return stagehand.change(self._simulator.sites, name, data)

    def _reset(self, _data: Any) -> dict[str, Any]:
        self._simulator.reset()
        return {}


def _fault(data: Any) -> Fault:
    given = _object(data, FAULT_FIELDS)
    try:
        return Fault(**given)
    except (TypeError, ValueError) as error:
        raise _RefusalError(str(error)) from error


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _RefusalError("since is a time in epoch seconds") from None


def _object(data: Any, names: frozenset[str] | set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _RefusalError("a JSON object is expected")
    unknown = data.keys() - names
    if unknown:
        raise _RefusalError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(names))}")
    return data


def _entry_json(entry: LoggedRequest) -> dict[str, Any]:
    return {
        "method": entry.method,
        "path": entry.path,
        "query": {name: list(values) for name, values in entry.query.items()},
        "headers": dict(entry.headers),
        "body": entry.body.decode("utf-8", "replace"),
        "host": entry.host,
        "operation": entry.operation,
        "status": entry.status,
        "received_at": entry.received_at,
        "account_id": entry.account_id,
        "closed_window": entry.closed_window,
        "fault": entry.fault,
    }
