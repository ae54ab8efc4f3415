"""The consent page: checking an authorize request, asking, sending the browser back. No tokens here.

Source: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps (2026-09-26)
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from vantage_jira_plugin.simulator.messages import Request, Response
from vantage_jira_plugin.simulator.scopes import parse_scopes, unknown_scopes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from vantage_jira_plugin.simulator.site import Site

__all__ = ["AuthorizeRequest", "ConsentPages", "Decision"]

#: The one audience of the REST APIs.
AUDIENCE = "api.atlassian.com"

#: Hosts of a callback on the person's own machine; any port will do.
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})

#: Pages are made here, run no script and load nothing.
PAGE_HEADERS = {
    "Content-Type": "text/html;charset=UTF-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Frame-Options": "DENY",
}

#: Look of the pages.
STYLE = "body{font:16px/1.5 sans-serif;max-width:34em;margin:4em auto}button{font:inherit;padding:.4em 1em}"


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """What an app asks a person for."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    state: str
    code_challenge: str | None = None
    code_challenge_method: str = "plain"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person answered; `cloud_ids` are the sites picked."""

    asked: AuthorizeRequest
    accepted: bool
    cloud_ids: frozenset[str]


class ConsentPages:
    """The pages at `/authorize`: GET asks, POST decides.

    Attributes:
        redirect_uris: callback URLs registered for the app beside the loopback ones.
        auto_consent: True where the browser is sent back at once, with every site.
    """

    def __init__(
        self,
        *,
        app_name: str,
        client_ids: Collection[str],
        sites: Callable[[], Sequence[Site]],
        accept: Callable[[Decision], str],
    ) -> None:
        self._app_name = app_name
        self._client_ids = client_ids
        self._sites = sites
        self._accept = accept
        self._lock = threading.Lock()
        self._open: dict[str, AuthorizeRequest] = {}
        self.redirect_uris: set[str] = set()
        self.auto_consent = False

    def forget(self) -> None:
        """Drop every page that waits for an answer."""
        with self._lock:
            self._open.clear()

    def answer(self, request: Request) -> Response:
        """Answer a request to `/authorize`."""
        if request.method == "GET":
            return self._ask(request)
        if request.method == "POST":
            return self._decide(request)
        return Response(405, None, {"Allow": "GET, POST"})

    def _ask(self, request: Request) -> Response:
        problem = self._problem(request)
        if problem:
            # A request that is not the app's is never sent back to it; what Atlassian shows is its own page.
            return _page(400, "Something went wrong", f"<p>{escape(problem)}</p>")
        asked = AuthorizeRequest(
            client_id=request.value("client_id", "") or "",
            redirect_uri=request.value("redirect_uri", "") or "",
            scopes=parse_scopes(request.value("scope", "") or ""),
            state=request.value("state", "") or "",
            code_challenge=request.value("code_challenge"),
            code_challenge_method=request.value("code_challenge_method") or "plain",
        )
        if self.auto_consent:
            every_site = frozenset(site.cloud_id for site in self._sites())
            return self._send_back(Decision(asked, accepted=True, cloud_ids=every_site))
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._open[key] = asked
        return _page(200, f"{self._app_name} wants access", self._form(asked, key))

    def _problem(self, request: Request) -> str | None:
        value = request.value
        scopes = parse_scopes(value("scope", "") or "")
        unknown = unknown_scopes(scopes)
        checks = (
            (value("audience") != AUDIENCE, "invalid_request: audience must be api.atlassian.com"),
            (value("client_id") not in self._client_ids, "unauthorized_client: unknown client_id"),
            (
                not self._is_registered(value("redirect_uri") or ""),
                "invalid_request: redirect_uri is not registered",
            ),
            (value("response_type") != "code", "unsupported_response_type: response_type must be code"),
            (value("prompt") != "consent", "invalid_request: prompt must be consent"),
            (not value("state"), "invalid_request: state is missing"),
            (not scopes, "invalid_scope: scope is missing"),
            (bool(unknown), f"invalid_scope: {' '.join(sorted(unknown))}"),
            (
                value("code_challenge_method", "plain") not in {"plain", "S256"},
                "invalid_request: unknown code_challenge_method",
            ),
        )
        return next((text for failed, text in checks if failed), None)

    def _is_registered(self, redirect_uri: str) -> bool:
        if redirect_uri in self.redirect_uris:
            return True
        try:
            parts = urlsplit(redirect_uri)
        except ValueError:
            return False
        return parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS and not parts.fragment

    def _form(self, asked: AuthorizeRequest, key: str) -> str:
        scopes = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(asked.scopes))
        picks = "".join(
            f'<p><label><input type="checkbox" name="site" value="{escape(site.cloud_id)}" checked> '
            f"{escape(site.url)}</label></p>"
            for site in self._sites()
        )
        return (
            f"<p>It asks for:</p><ul>{scopes}</ul>"
            f'<form method="post" action="/authorize"><p>Use it on:</p>{picks}'
            f'<input type="hidden" name="request" value="{escape(key)}">'
            '<p><button name="decision" value="accept">Accept</button> '
            '<button name="decision" value="cancel">Cancel</button></p></form>'
        )

    def _decide(self, request: Request) -> Response:
        form = parse_qs(request.body.decode("utf-8", "replace"))
        key = form.get("request", [""])[0]
        with self._lock:
            asked = self._open.pop(key, None)
        if asked is None:
            return _page(400, "Something went wrong", "<p>This page was answered already. Start again.</p>")
        known = {site.cloud_id for site in self._sites()}
        picked = frozenset(form.get("site", [])) & known
        accepted = form.get("decision", [""])[0] == "accept"
        if accepted and not picked:
            return _page(400, "Something went wrong", "<p>Pick at least one site.</p>")
        return self._send_back(Decision(asked, accepted, picked))

    def _send_back(self, decision: Decision) -> Response:
        asked = decision.asked
        if decision.accepted:
            answer = {"code": self._accept(decision), "state": asked.state}
        else:
            answer = {
                "error": "access_denied",
                "error_description": "User did not authorize the request",
                "state": asked.state,
            }
        joint = "&" if urlsplit(asked.redirect_uri).query else "?"
        location = f"{asked.redirect_uri}{joint}{urlencode(answer)}"
        return Response(302, None, {"Location": location, "Cache-Control": "no-store"})


def _page(status: int, title: str, content: str) -> Response:
    text = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{content}</body></html>"
    )
    return Response(status, text.encode(), dict(PAGE_HEADERS))
