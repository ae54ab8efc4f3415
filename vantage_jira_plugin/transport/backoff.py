"""The transport adapter that passes the gate and repeats what was refused. It decides nothing: `limits` does."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from vantage_jira_plugin.errors import CancelledError

from .bodies import read_whole
from .budget import Budget
from .limits import BackoffPolicy, GiveUp, header_count
from .quota import quota_left
from .standing import Ended
from .traffic import Passage, Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.telemetry import Telemetry

    from .gate import Gate
    from .limits import Refusal

__all__ = ["BackoffAdapter", "jitter_factor"]

#: Connections kept open per host; more than the gate lets through at once by default.
POOL_SIZE = 16
#: Bounds of the jitter factor. Source: see `limits`.
_JITTER_BOUNDS = (0.7, 1.3)


def jitter_factor() -> float:
    """Return a factor that spreads waits."""
    return random.uniform(*_JITTER_BOUNDS)  # noqa: S311 - spreads waits, hides nothing


class BackoffAdapter(HTTPAdapter):
    """Sends requests when the gate lets them, and repeats those that were refused with 429.

    A request that was refused has not acted: Atlassian looks at its limits before it does what is asked, and tells to
    repeat it after the time that the refusal names. That makes repeating a write as safe as a read. Nothing else is
    repeated here.
    Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-10-09), "Retry".

    Args:
        policy: how long and how often.
        jitter: returns a factor of 0.7 to 1.3.
        clock: returns epoch seconds.
    """

    def __init__(
        self,
        gate: Gate,
        telemetry: Telemetry,
        policy: BackoffPolicy | None = None,
        *,
        pool_size: int = POOL_SIZE,
        jitter: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(pool_connections=4, pool_maxsize=pool_size)
        self.policy = policy or BackoffPolicy()
        self._gate = gate
        self._telemetry = telemetry
        self._jitter = jitter or jitter_factor
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

        `timeout` is the `Passage` of the request; a refusal that cannot be waited for comes back as the 429 answer
        it is. Nothing is sent into a window that is closed, nor once the caller's time is over.

        Raises:
            RateLimitedError: what it needs is closed for longer than it may wait.
            CancelledError: the caller's time is over.
        """
        passage = timeout if isinstance(timeout, Passage) else _passage(request, timeout)
        budget, traffic = passage.budget, passage.traffic
        waited_seconds = 0.0
        attempt = 0
        while True:
            entered_seconds = self._gate.enter(traffic, budget)
            waited_seconds += entered_seconds
            refused: Refusal | None = None
            ended = Ended(self._gate.now(), answered=False)
            try:
                if entered_seconds and self.renew is not None:
                    self.renew(request, budget)
                if budget.remaining_seconds <= 0:  # the wait, or the renewal, has used it up
                    raise _over(budget)
                budget.count(requests=1)
                budget.sent_at = self._clock()
                with self._telemetry.request(
                    traffic.method,
                    traffic.template,
                    host=urlsplit(str(request.url)).netloc,
                    cloud_id=traffic.cloud_id or None,
                    attempt=attempt,
                ) as note:
                    response = super().send(
                        request,
                        stream=stream,
                        timeout=budget.socket_timeout(),
                        verify=verify,
                        cert=cert,
                        proxies=proxies,
                    )
                    note.answered(response.status_code, response.headers)
                    refused = self._refusal(response, attempt)
                    ended = _ended(response, refused, self._gate.now())
                    read_whole(response)  # while the place is held
            finally:
                self._gate.leave(traffic, ended)
            if refused is None:
                return response
            self._telemetry.refused(
                response.headers,
                refused.seconds,
                reason=refused.reason,
                method=traffic.method,
                template=traffic.template,
                cloud_id=traffic.cloud_id or None,
            )
            decision = self.policy.decide(
                refused,
                attempt=attempt,
                waited_seconds=waited_seconds,
                patience_seconds=budget.remaining_seconds,
            )
            if isinstance(decision, GiveUp):
                return response
            budget.count(retries=1)
            attempt += 1

    def _refusal(self, response: requests.Response, attempt: int) -> Refusal | None:
        """Return what a 429 closes, None for other answers."""
        if response.status_code != requests.codes.too_many_requests:
            return None
        return self.policy.refusal(response.headers, attempt=attempt, now=self._clock(), jitter=self._jitter())


def _ended(response: requests.Response, refused: Refusal | None, now: float) -> Ended:
    """Return what an answer's headers show of Jira's limits."""
    return Ended(
        at=now,
        answered=True,
        refusal=refused,
        limit=header_count(response.headers, "X-RateLimit-Limit"),
        remaining=header_count(response.headers, "X-RateLimit-Remaining"),
        quota=quota_left(response.headers, now=now),
    )


def _passage(request: requests.PreparedRequest, timeout: Any) -> Passage:
    """Return the passage of a request that names none, such as those to the token endpoint: an endpoint of its own."""
    budget = timeout if isinstance(timeout, Budget) else Budget()
    parts = urlsplit(str(request.url))
    traffic = Traffic("", parts.netloc, str(request.method), parts.path, "renew the login", takes_place=False)
    return Passage(budget, traffic)


def _over(budget: Budget) -> CancelledError:
    return CancelledError(
        f"nothing more was sent: the {budget.seconds:g} s that the caller waits are over",
        hint="Give the action more time (context.timeoutSeconds).",
    )
