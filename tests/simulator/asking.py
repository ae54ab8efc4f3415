"""Asks a site's operations without any HTTP: what tests of the simulated Jira share."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.messages import Caller, JiraRefusal, JsonText, Request, Response
from vantage_jira_plugin.simulator.operations import ROUTES
from vantage_jira_plugin.simulator.routing import Found, Router
from vantage_jira_plugin.simulator.seed import demo_sites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.operations import Route
    from vantage_jira_plugin.simulator.site import Site

#: 2026-11-24 12:00 UTC, a Tuesday.
NOON = 1_795_521_600.0

#: What a form needs in its header `X-Atlassian-Token`.
_TOKEN = "no-check"

_ROUTER = Router(ROUTES)


class Clock:
    """A clock that only tests move."""

    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def __call__(self) -> float:
        """Return the time."""
        return self.at


@dataclass
class Asking:
    """A site and who asks it; `exchanges` keeps every answer with its route."""

    site: Site
    clock: Clock
    account_id: str
    exchanges: list[tuple[Route, Response]] = field(default_factory=list)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **query: str | list[str],
    ) -> Response:
        """Answer a request; `path` is below /rest/api/3 and has no query. Names of headers are in lower case."""
        found = _ROUTER.find(method, f"/rest/api/3{path}")
        assert isinstance(found, Found), f"{method} {path} is no operation"
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        request = Request(
            method,
            f"/rest/api/3{path}",
            {name: [value] if isinstance(value, str) else value for name, value in query.items()},
            headers or {},
            sent,
        )
        try:
            response = found.route.handler(self.site, request, Caller(self.account_id, "app"), found.parameters)
        except JiraRefusal as refusal:
            response = refusal.response()
        if isinstance(response.body, JsonText):
            response = Response(response.status, json.loads(response.body.text), response.headers)
        elif response.body is not None and not isinstance(response.body, bytes):
            # What is answered is JSON data, and a later change of the site must not reach it.
            response = Response(response.status, json.loads(json.dumps(response.body)), response.headers)
        self.exchanges.append((found.route, response))
        return response

    def attach(self, key: str, *files: tuple[str, str, bytes], token: str = _TOKEN) -> Response:
        """Attach files, each of them `(name of the part, name of the file, content)`."""
        head = b'--cut\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: text/plain\r\n\r\n'
        raw = b"".join(head % (part.encode(), name.encode()) + content + b"\r\n" for part, name, content in files)
        headers = {"content-type": "multipart/form-data; boundary=cut", "x-atlassian-token": token}
        return self("POST", f"/issue/{key}/attachments", raw=raw + b"--cut--\r\n", headers=headers)

    def keys(self, jql: str, **more: Any) -> list[str]:
        """Return the keys of the issues that a query finds."""
        response = self("POST", "/search/jql", {"jql": jql, "fields": ["key"], **more})
        assert response.status == 200, response.body
        return [issue["key"] for issue in response.body["issues"]]

    def complaints(self, jql: str) -> list[str]:
        """Return what Jira has against a query."""
        response = self("POST", "/search/jql", {"jql": jql})
        assert response.status == 400, response.body
        messages: list[str] = response.body["errorMessages"]
        return messages

    def create(self, **fields: Any) -> dict[str, Any]:
        """Create a task in DEV, or what the fields say."""
        given = {"project": {"key": "DEV"}, "issuetype": {"name": "Task"}, "summary": "A task", **fields}
        response = self("POST", "/issue", {"fields": given})
        assert response.status == 201, response.body
        created: dict[str, Any] = response.body
        return created

    def refused(self, **fields: Any) -> dict[str, str]:
        """Return the errors by field of a task that cannot be created."""
        given = {"project": {"key": "DEV"}, "issuetype": {"name": "Task"}, "summary": "A task", **fields}
        response = self("POST", "/issue", {"fields": given})
        assert response.status == 400, response.body
        errors: dict[str, str] = response.body["errors"]
        return errors

    def person(self, name: str) -> str:
        """Return the account id of somebody by the beginning of the name."""
        return next(
            account.account_id for account in self.site.accounts.values() if account.display_name.startswith(name)
        )


def new_asking() -> Asking:
    """Return the first site of the seed, at noon, asked by its default account."""
    clock = Clock()
    site = demo_sites(clock)[0]
    return Asking(site, clock, site.default_account_id)


def document(*lines: str) -> dict[str, Any]:
    """Return a document of these paragraphs."""
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines],
    }
