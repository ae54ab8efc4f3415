"""The transport adapter that waits when Jira says so. It decides nothing: `limits` does."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

from vantage_jira_plugin.errors import CancelledError

from .budget import Budget
from .limits import BackoffPolicy, GiveUp

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BackoffAdapter"]

#: Connections kept open per host; Atlassian advises 5 to 10 requests at once.
POOL_SIZE = 16
#: Bounds of the jitter factor. Source: see `limits`.
_JITTER_BOUNDS = (0.7, 1.3)


def _jitter() -> float:
    return random.uniform(*_JITTER_BOUNDS)  # noqa: S311 - spreads waits, hides nothing


class BackoffAdapter(HTTPAdapter):
    """Repeats requests that were refused with 429, after the time that the refusal names.

    A 429 is answered before the request acts, so that repeating a write is as safe as a read.

    Args:
        policy: how long and how often.
        sleep: waits for some seconds.
        jitter: returns a factor of 0.7 to 1.3.
        clock: returns epoch seconds.
    """

    def __init__(
        self,
        policy: BackoffPolicy | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(pool_connections=4, pool_maxsize=POOL_SIZE)
        self.policy = policy or BackoffPolicy()
        self._sleep = sleep
        self._jitter = jitter or _jitter
        self._clock = clock
        #: Puts a fresh token on a request that has waited; the session sets it.
        self.renew: Callable[[requests.PreparedRequest, Budget], None] | None = None

    def send(  # noqa: PLR0917 - the signature is requests'
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature is requests'
        timeout: Any = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send one request, repeating it while it is refused and there is time to wait.

        `timeout` is the `Budget` of the action; a refusal that cannot be waited for comes back as
        the 429 answer it is. Nothing is sent once the budget is spent.

        Raises:
            CancelledError: the caller's time is over.
        """
        budget = timeout if isinstance(timeout, Budget) else Budget()
        waited_seconds = 0.0
        attempt = 0
        while True:
            if budget.remaining_seconds <= 0:
                raise CancelledError(
                    f"nothing more was sent: the {budget.seconds:g} s that the caller waits are over",
                    hint="Give the action more time (context.timeoutSeconds).",
                )
            budget.requests += 1
            response = super().send(
                request,
                stream=stream,
                timeout=budget.socket_timeout(),
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
            if response.status_code != requests.codes.too_many_requests:
                return response
            decision = self.policy.decide(
                response.headers,
                attempt=attempt,
                now=self._clock(),
                jitter=self._jitter(),
                waited_seconds=waited_seconds,
                patience_seconds=budget.remaining_seconds,
            )
            if isinstance(decision, GiveUp):
                return response
            _drain(response)
            self._sleep(decision.seconds)
            waited_seconds += decision.seconds
            budget.waited_seconds += decision.seconds
            budget.retries += 1
            attempt += 1
            if self.renew is not None:
                self.renew(request, budget)


def _drain(response: requests.Response) -> None:
    """Read a refusal to its end, so that its connection goes back to the pool."""
    try:
        _ = response.content
    except requests.RequestException:
        response.close()
