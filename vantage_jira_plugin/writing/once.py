"""One keyed write, done once whatever happens: reserved, sent, confirmed, or found out about. It knows no operation.

What became of a write without an answer is found out by looking in Jira, before anything is sent again.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import (
    CredentialStoreError,
    JiraUnavailableError,
    PluginError,
    UnknownOutcomeError,
)

from .claim import Claim
from .doubt import in_doubt

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.transport.budget import Budget

    from .entry import Entry
    from .finder import Finder
    from .ledger import Ledger

__all__ = ["Once"]

#: Pauses before each look for something whose answer was just lost.
_LOOK_AGAIN_SECONDS = (0.0, 2.0, 5.0)
#: Errors after which a write may have happened; all others come before it could, or are Jira's refusal.
#: A 5xx may come from something in front of Jira that gave up on it.
_AMBIGUOUS = (UnknownOutcomeError, JiraUnavailableError)


class Once:
    """One keyed write by one call; the arguments are those of `Claim`."""

    def __init__(
        self,
        ledger: Ledger,
        name: str,
        digest: str,
        finder: Finder,
        *,
        budget: Budget,
        warnings: list[str],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._claim = Claim(ledger, name, digest, finder, budget=budget, warnings=warnings, clock=clock, sleep=sleep)
        self._digest = digest
        self._finder = finder
        self._budget = budget
        self._warnings = warnings
        self._clock = clock
        self._sleep = sleep

    def run(self, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what `send` makes, or what was made under the same key before: at least `{id, key?}`.

        Raises:
            CredentialStoreError: the ledger failed before anything was sent.
            InputError: the key was used before in another place.
            WriteUnderWayError: another worker is at it, for longer than this call can wait.
            UnknownOutcomeError: it was sent, and whether it happened is not known yet.
            PluginError: nothing was sent, or Jira refused it.
        """
        entry = self._claim.reserved()
        return self._known(entry, "nothing was written") if entry.state == "done" else self._sent(entry, send)

    def rehearsed(self) -> dict[str, Any] | None:
        """Return what was made under the key before, None where `run` would send; nothing is changed.

        Raises:
            PluginError: as `run`, of what it finds before it sends.
        """
        entry = self._claim.peek()
        if entry is None:
            return None
        if entry.state == "done":
            return self._known(entry, "nothing would be written")
        self._warnings.append(
            "an earlier call with the same idempotency key is not settled: a run looks for what it made first, and "
            "sends only where there is nothing"
        )
        return None

    def _known(self, entry: Entry, nothing: str) -> dict[str, Any]:
        """Return what was made before, and say so."""
        self._finder.only_allowed(entry.made_key)
        other = "; the inputs were different this time, and were not used" if entry.digest != self._digest else ""
        made = entry.made_key or entry.made_id
        self._warnings.append(f"{nothing}: this was done before with the same idempotency key ({made}){other}")
        known = {"id": entry.made_id, "key": entry.made_key}
        return {name: value for name, value in known.items() if value is not None}

    def _sent(self, entry: Entry, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        left_seconds = entry.send_by - self._clock()
        if left_seconds <= 0:
            self._claim.replace(None)
            raise CredentialStoreError(
                "nothing was sent: storing that the write is under way took too long", hint="Try again."
            )
        self._budget.sent_at = None
        try:
            with self._budget.within(left_seconds):
                made = send()
        except PluginError as error:
            if isinstance(error, _AMBIGUOUS):
                return self._found_out(entry, error)
            self._claim.replace(None)
            raise
        self._claim.note(entry, made)
        return made

    def _found_out(self, entry: Entry, error: PluginError) -> dict[str, Any]:
        """Look for something whose answer was lost; looking must not hide what was lost.

        Raises:
            UnknownOutcomeError: it was not found.
        """
        lost_at = self._clock()
        lost = entry.lost(began_at=lost_at if self._budget.sent_at is None else self._budget.sent_at, now=lost_at)
        for pause_seconds in _LOOK_AGAIN_SECONDS:
            if pause_seconds >= self._budget.remaining_seconds:
                break
            self._sleep(pause_seconds)
            self._budget.count(waited_seconds=pause_seconds)
            made = None
            with contextlib.suppress(PluginError):
                made = self._finder.find(entry, now=self._clock())
            if made is not None:
                self._warnings.append(
                    f"Jira's answer was lost; what was made was found by {self._finder.mark}, and was made once"
                )
                self._finder.only_allowed(self._claim.note(entry, made).made_key)
                return made
        self._claim.replace(lost)
        raise in_doubt(error.message, lost, self._finder, now=self._clock(), cause=error) from error
