"""Says what a missing answer means: the one place that translates the exceptions of requests. Nothing is sent here."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import requests
import urllib3

from vantage_jira_plugin.errors import NetworkError, PluginError, UnknownOutcomeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vantage_jira_plugin.operations import Operation

    from .budget import Budget

__all__ = ["no_answer"]

#: Failures of requests that come before anything is sent. Others of its errors, such as SSLError and
#: InvalidHeader, are also raised for answers.
_BEFORE_SENDING = (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError, requests.exceptions.InvalidURL)


def no_answer(operation: Operation, error: requests.RequestException, budget: Budget, host: str) -> PluginError:
    """Return the error of a request that got no answer, or not the whole of one."""
    if budget.remaining_seconds <= 0:
        reason = f"no answer within the {budget.seconds:g} s that the caller waits"
    elif isinstance(error, requests.Timeout):
        reason = "no answer in time"
    elif isinstance(error, requests.exceptions.SSLError):
        reason = "no secure connection (TLS)"
    elif isinstance(error, requests.exceptions.ProxyError):
        reason = "the proxy could not be reached"
    elif _before_sending(error):
        reason = "no connection could be made"
    else:
        reason = "the connection broke"
    if operation.writes and not _before_sending(error):
        return UnknownOutcomeError(
            f"Jira may or may not have done it ({operation.does}): {reason} ({host})",
            hint="Look in Jira whether it happened before doing it again.",
        )
    failed = NetworkError(
        f"could not {operation.does}: {reason} ({host})",
        hint="Check the network and the host's address, then try again.",
    )
    failed.passing = budget.remaining_seconds > 0 and not _lasting(error)
    return failed


def _before_sending(error: requests.RequestException) -> bool:
    """Tell whether a failure came before the request was sent, so that it cannot have acted."""
    if isinstance(error, _BEFORE_SENDING):
        return True
    reason = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    if isinstance(reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.NameResolutionError)):
        return True
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _lasting(error: requests.RequestException) -> bool:
    """Tell whether a failure will be the same the next moment."""
    return isinstance(error, requests.exceptions.InvalidURL) or any(
        isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to what it was made of."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        yield from (part for part in cause.args if isinstance(part, BaseException))
        cause = cause.__cause__ or cause.__context__
