"""What this host gives a plugin: endpoints, credentials, the client secret. Nothing of a plugin's is here."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import HostError
from .progress import ProgressDisplay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import CredentialStore, SharedState, UsageStore

    from .sealing import Sealer

__all__ = ["CLIENT_SECRET_VARIABLE", "BaseUrls", "ReferenceServices"]

#: Atlassian's authorization server: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
DEFAULT_AUTH_URL = "https://auth.atlassian.com"
#: Atlassian's API gateway (same page).
DEFAULT_API_URL = "https://api.atlassian.com"
#: Names of the environment that move the two, for tests and the simulator.
AUTH_URL_VARIABLE = "VANTAGE_JIRA_AUTH_URL"
API_URL_VARIABLE = "VANTAGE_JIRA_API_URL"
#: The OAuth client secret; it is never stored and never a setting.
CLIENT_SECRET_VARIABLE = "VANTAGE_JIRA_CLIENT_SECRET"


@dataclass(frozen=True, slots=True)
class BaseUrls:
    """The contract's `Endpoints`: where Atlassian is."""

    auth_url: str = DEFAULT_AUTH_URL
    api_url: str = DEFAULT_API_URL

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> BaseUrls:
        """Return the endpoints that the environment names, else Atlassian's.

        Raises:
            HostError: a URL is neither https nor loopback.
        """
        return cls(
            auth_url=_base_url(environ.get(AUTH_URL_VARIABLE) or DEFAULT_AUTH_URL, AUTH_URL_VARIABLE),
            api_url=_base_url(environ.get(API_URL_VARIABLE) or DEFAULT_API_URL, API_URL_VARIABLE),
        )


@dataclass(frozen=True, slots=True)
class ReferenceServices:
    """The contract's `HostServices` for one credential, with both of the optional ones.

    Attributes:
        credential_id: sealed records of any other credential are refused.
        display: shows how far long actions have come.
    """

    endpoints: BaseUrls
    credentials: CredentialStore
    shared: SharedState = field(repr=False)
    usage: UsageStore = field(repr=False)
    sealer: Sealer = field(repr=False)
    credential_id: str
    environ: Mapping[str, str] = field(repr=False)
    display: ProgressDisplay = field(default_factory=ProgressDisplay, repr=False)

    def client_secret(self, service_id: str, client_id: str) -> str | None:  # noqa: ARG002 - one app per host
        """Return the OAuth client secret from the environment, or None."""
        return self.environ.get(CLIENT_SECRET_VARIABLE) or None

    def open_record(self, sealed: str) -> Mapping[str, object]:
        """Open a record sealed by this host for this credential.

        Raises:
            ValueError: not sealed by this host, tampered with, or another credential's.
        """
        return self.sealer.open(sealed, credential_id=self.credential_id)

    def progress(self, done: int, total: int | None, message: str) -> None:
        """Show how far a long action has come; counts are rows."""
        self.display.show(done, total, message)


def _base_url(text: str, variable: str) -> str:
    url = text.rstrip("/")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise HostError(f"{variable} is not a URL") from None
    if parts.username is not None or parts.query or parts.fragment or not host:
        raise HostError(f"{variable} must be a plain base URL such as {DEFAULT_API_URL}")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise HostError(f"{variable} must be https; plain http is for loopback addresses only")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
