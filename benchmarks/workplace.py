"""A simulator in a process of its own, a grant, and a reference host that holds it: what measured clients work with.

Nothing is measured here.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.simulated import Simulated, running_simulator
from vantage_jira_plugin.host.application import Host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The credential in the reference host that all workers use.
CREDENTIAL_ID = "bench"
#: Life of access tokens, in seconds: longer than any measurement, so that nothing is renewed in between.
_TOKEN_SECONDS = 36_000


@dataclass(frozen=True)
class Access:
    """How a client gets to the simulated site; it is handed to the workers.

    Attributes:
        environ: of the reference host.
        grant: as the token endpoint answered it.
        site_url: the site on the gateway, for clients that are given a base URL and a token.
    """

    environ: Mapping[str, str] = field(repr=False)
    auth_url: str
    api_url: str
    site_url: str
    client_id: str
    client_secret: str = field(repr=False)
    grant: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Workplace:
    """A running simulator and the access to it."""

    simulated: Simulated
    access: Access


@contextmanager
def running_workplace(*options: str, token_seconds: float = _TOKEN_SECONDS) -> Iterator[Workplace]:
    """Run a simulator with these options, all limits off, and a reference host's home in a folder of its own.

    Access tokens live for `token_seconds`.
    """
    with (
        tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder,
        running_simulator("--access-token-seconds", str(token_seconds), *options) as simulated,
    ):
        environ = {
            "VANTAGE_HOME": folder,
            "VANTAGE_JIRA_AUTH_URL": simulated.auth_url,
            "VANTAGE_JIRA_API_URL": simulated.api_url,
            "VANTAGE_JIRA_CLIENT_SECRET": simulated.client_secret,
        }
        site_url = f"{simulated.api_url}/ex/jira/{_connect(environ, simulated, token_seconds)}"
        access = Access(
            environ,
            simulated.auth_url,
            simulated.api_url,
            site_url,
            simulated.client_id,
            simulated.client_secret,
            simulated.grant,
        )
        yield Workplace(simulated, access)


def _connect(environ: Mapping[str, str], simulated: Simulated, token_seconds: float) -> str:
    """Store the grant in the reference host as if somebody had consented; return the site's cloud id."""
    host = Host.open(environ)
    try:
        host.credentials.register(CREDENTIAL_ID, connector="jira", service_id="bench", client_id=simulated.client_id)
        grant = simulated.grant
        record = {"accessToken": grant["access_token"], "refreshToken": grant["refresh_token"], "cloudId": None}
        expires_at = time.time() + token_seconds
        with host.credentials.exclusive(CREDENTIAL_ID, timeout_seconds=1) as transaction:
            transaction.save({**record, "tokenExpiry": int(expires_at * 1000)})
        cloud_id: str = host.link(CREDENTIAL_ID).authenticate()["cloudId"] or ""
        return cloud_id
    finally:
        host.close()
