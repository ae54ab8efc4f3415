"""The token endpoint on the wire: reading what an app sends, writing tokens and refusals. Holds no grant."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.messages import Request, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.consent import AuthorizeRequest
    from vantage_jira_plugin.simulator.grants import TokenPair

__all__ = [
    "INVALID_CODE",
    "INVALID_REFRESH_TOKEN",
    "UNSUPPORTED_GRANT",
    "WRONG_CLIENT",
    "TokenRefusalError",
    "bearer_token",
    "parameters_of",
    "text_of",
    "token_json",
    "tokens_answer",
    "verifier_fits",
]

#: Source: recorded answer of 2026-10-08 to a body that could not be read.
UNREADABLE = (400, "invalid_request", "Incorrect request parameters")

#: Source: recorded answer of 2026-10-08.
UNSUPPORTED_GRANT = (
    400,
    "invalid_request",
    "grant_type must be one of [authorization_code|refresh_token|client_credentials]",
)

#: Source: https://github.com/Meridiona/meridian/issues/218 (2026-06-09)
WRONG_CLIENT = (401, "access_denied", "Unauthorized")

#: The documented refusal of a refresh.
INVALID_REFRESH_TOKEN = (403, "invalid_grant", "Unknown or invalid refresh token.")

#: Refusal of a code; its words are assumed, the code `invalid_grant` is RFC 6749's.
INVALID_CODE = (403, "invalid_grant", "Invalid authorization code")

#: Source: recorded answers of the token endpoint, 2026-10-08.
TOKEN_HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "Pragma": "no-cache",
    "Expires": "0",
}


class TokenRefusalError(Exception):
    """An answer of the token endpoint in RFC 6749's error shape."""

    def __init__(self, refusal: tuple[int, str, str]) -> None:
        super().__init__(refusal)
        self.status, self.error, self.description = refusal

    def response(self) -> Response:
        """Return the refusal as the token endpoint writes it."""
        body = {"error": self.error, "error_description": self.description}
        return Response(self.status, body, dict(TOKEN_HEADERS))


def token_json(pair: TokenPair) -> dict[str, Any]:
    """Write tokens as the token endpoint does.

    `{access_token, expires_in, token_type, refresh_token?, scope}`
    """
    answer: dict[str, Any] = {
        "access_token": pair.access_token,
        "expires_in": pair.expires_in_seconds,
        "token_type": "Bearer",
    }
    if pair.refresh_token is not None:
        answer["refresh_token"] = pair.refresh_token
    return {**answer, "scope": " ".join(sorted(pair.scopes))}


def tokens_answer(pair: TokenPair) -> Response:
    """Return the answer that hands out tokens."""
    return Response(200, token_json(pair), dict(TOKEN_HEADERS))


def bearer_token(request: Request) -> str | None:
    """Return the bearer token of a request."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" and text.strip() else None


def parameters_of(request: Request) -> Mapping[str, Any]:
    """Return what an app sent; only JSON is read, as every documented example is JSON."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise TokenRefusalError(UNREADABLE)
    try:
        parameters = request.json()
    except (json.JSONDecodeError, UnicodeError):
        raise TokenRefusalError(UNREADABLE) from None
    if not isinstance(parameters, dict):
        raise TokenRefusalError(UNREADABLE)
    return parameters


def text_of(parameters: Mapping[str, Any], name: str) -> str:
    """Return a required parameter."""
    value = parameters.get(name)
    if not isinstance(value, str) or not value:
        raise TokenRefusalError(UNREADABLE)
    return value


def verifier_fits(asked: AuthorizeRequest, verifier: Any) -> bool:
    """Check PKCE where a challenge was sent and a verifier came; Atlassian demands neither.

    Source: https://www.rfc-editor.org/rfc/rfc7636#section-4.6
    """
    if asked.code_challenge is None or verifier is None:
        return True
    text = str(verifier)
    if asked.code_challenge_method == "S256":
        digest = hashlib.sha256(text.encode()).digest()
        text = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(text.encode(), asked.code_challenge.encode())
