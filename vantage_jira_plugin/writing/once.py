"""One keyed write, done once whatever happens: reserved, sent, confirmed, or found out about. It knows no operation.

Who may send a key is decided by replacing its entry in the ledger by version, so that of any number of workers one
sends. What became of a write without an answer is found out by looking in Jira, before anything is sent again.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import (
    CredentialStoreError,
    JiraUnavailableError,
    PluginError,
    UnknownOutcomeError,
)

from .doubt import in_doubt, under_way, unsettled
from .entry import SEND_SECONDS, Entry
from .ledger import Noted

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.transport.budget import Budget

    from .finder import Finder
    from .ledger import Ledger

__all__ = ["Once"]

#: Pauses before each look for something whose answer was just lost.
_LOOK_AGAIN_SECONDS = (0.0, 2.0, 5.0)
#: Pauses while another worker is at it: the first, how they grow, the longest.
_FIRST_PAUSE_SECONDS = 0.25
_PAUSE_GROWTH = 1.5
_LONGEST_PAUSE_SECONDS = 2.0
#: How often Jira is looked at while waiting; the ledger, which costs no points, is read after each pause.
_LOOK_EVERY_SECONDS = 15.0
#: How often an entry is replaced anew because others are faster.
_ATTEMPTS = 10
#: Errors after which a write may have happened; all others come before it could, or are Jira's refusal.
#: A 5xx may come from something in front of Jira that gave up on it.
_AMBIGUOUS = (UnknownOutcomeError, JiraUnavailableError)


class Once:
    """One keyed write by one call.

    Args:
        name, digest: see `ledger`.
        warnings: takes texts for the action's metadata.
    """

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
        self._ledger = ledger
        self._name = name
        self._digest = digest
        self._finder = finder
        self._budget = budget
        self._warnings = warnings
        self._clock = clock
        self._sleep = sleep
        self._owner = uuid.uuid4().hex

    def run(self, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what `send` makes, or what was made under the same key before: at least `{id, key?}`.

        Raises:
            CredentialStoreError: the ledger failed before anything was sent.
            WriteUnderWayError: another worker is at it, for longer than this call can wait.
            UnknownOutcomeError: it was sent, and whether it happened is not known yet.
            PluginError: nothing was sent, or Jira refused it.
        """
        entry = self._reserved()
        return self._known(entry) if entry.state == "done" else self._sent(entry, send)

    # ---- before sending ---------------------------------------------------------------------

    def _reserved(self) -> Entry:
        """Return the entry that lets this call send, or that of what was made before."""
        for _ in range(_ATTEMPTS):
            entry, version = self._waited_for()
            if entry is None:
                entry = self._traced()
            elif entry.is_due(self._clock()) and entry.state != "done":
                entry = self._looked_for(entry) or entry
            if entry is not None and (entry.state == "done" or self._is_own(entry)):
                return entry
            now = self._clock()
            if entry is None:
                after = self._finder.after()
                wanted = Entry.reserved(owner=self._owner, digest=self._digest, now=now, after=after)
            else:
                wanted = entry.taken_over(owner=self._owner, digest=self._digest, now=now)
            if self._ledger.replace(self._name, wanted, version=version):
                return wanted
        raise CredentialStoreError("the write could not be reserved: its entry changes all the time", hint="Try again.")

    def _is_own(self, entry: Entry) -> bool:
        """Tell whether an entry is this call's: also one that was stored though the store said otherwise."""
        return entry.state == "sending" and entry.owner == self._owner

    def _waited_for(self) -> Noted:
        """Wait while another worker may be at it; look in Jira now and then, which may know more than the ledger."""
        pause_seconds = _FIRST_PAUSE_SECONDS
        look_at: float | None = None
        while True:
            noted = self._ledger.read(self._name)
            entry, now = noted.entry, self._clock()
            if entry is None or entry.state == "done" or self._is_own(entry) or entry.is_due(now):
                return noted
            if look_at is None:
                look_at = now if entry.state == "unknown" else now + _LOOK_EVERY_SECONDS
            if now >= look_at:
                look_at = now + _LOOK_EVERY_SECONDS
                found = self._looked_for(entry)
                if found is not None:
                    return Noted(found, noted.version)
            self._wait(entry, pause_seconds)
            pause_seconds = min(pause_seconds * _PAUSE_GROWTH, _LONGEST_PAUSE_SECONDS)

    def _looked_for(self, entry: Entry) -> Entry | None:
        """Look in Jira for what an earlier call made; note it.

        Raises:
            UnknownOutcomeError: it could not be looked for.
        """
        try:
            made = self._finder.find(entry, now=self._clock())
        except PluginError as error:
            raise unsettled(error) from error
        return None if made is None else self._noted(entry, made)

    def _traced(self) -> Entry | None:
        """Return the entry of what was made by a write whose own entry had to make room; there are hardly ever any."""
        for made_id in self._ledger.traces(self._name):
            try:
                made = self._finder.recall(made_id)
            except PluginError as error:
                raise unsettled(error) from error
            if made is not None:
                return self._noted(Entry.reserved(owner="", digest=self._digest, now=self._clock()), made)
        return None

    def _known(self, entry: Entry) -> dict[str, Any]:
        """Return what was made before, and say so."""
        other = "; the inputs were different this time, and were not used" if entry.digest != self._digest else ""
        made = entry.made_key or entry.made_id
        self._warnings.append(f"nothing was sent: this was done before with the same idempotency key ({made}){other}")
        known = {"id": entry.made_id, "key": entry.made_key}
        return {name: value for name, value in known.items() if value is not None}

    def _wait(self, entry: Entry, pause_seconds: float) -> None:
        """Wait for another worker, or until an earlier attempt is settled.

        Raises:
            WriteUnderWayError, UnknownOutcomeError: the caller does not wait long enough.
        """
        now = self._clock()
        left_seconds = max(entry.settled_at - now, 0.0)
        if entry.state == "unknown" and left_seconds >= self._budget.remaining_seconds:
            message = (
                f"an earlier call may or may not have done it, and it is too early to tell from {self._finder.place}"
            )
            raise in_doubt(message, entry, self._finder, now=now)
        pause_seconds = min(pause_seconds, left_seconds)
        if pause_seconds >= self._budget.remaining_seconds:
            raise under_way(entry, now=now)
        self._sleep(pause_seconds)
        self._budget.waited_seconds += pause_seconds

    # ---- sending, and what became of it -----------------------------------------------------

    def _sent(self, entry: Entry, send: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            with self._budget.within(SEND_SECONDS):
                made = send()
        except PluginError as error:
            if isinstance(error, _AMBIGUOUS):
                return self._found_out(entry, error)
            self._replace(None)
            raise
        self._noted(entry, made)
        return made

    def _found_out(self, entry: Entry, error: PluginError) -> dict[str, Any]:
        """Look for something whose answer was lost; looking must not hide what was lost.

        Raises:
            UnknownOutcomeError: it was not found.
        """
        lost_at = self._clock()
        for pause_seconds in _LOOK_AGAIN_SECONDS:
            if pause_seconds >= self._budget.remaining_seconds:
                break
            self._sleep(pause_seconds)
            self._budget.waited_seconds += pause_seconds
            with contextlib.suppress(PluginError):
                made = self._finder.find(entry, now=self._clock())
                if made is not None:
                    text = f"the answer was lost ({error.message}), and what was made was found by its key"
                    self._warnings.append(text)
                    self._noted(entry, made)
                    return made
        lost = entry.lost(now=lost_at)
        self._replace(lost)
        raise in_doubt(error.message, lost, self._finder, now=self._clock(), cause=error) from error

    def _noted(self, entry: Entry, made: dict[str, Any]) -> Entry:
        """Note what was made; that it cannot be noted changes nothing about it."""
        made_id = str(made.get("id"))
        done = entry.done(made_id=made_id, made_key=self._finder.named(made), now=self._clock())
        try:
            for _ in range(_ATTEMPTS):
                stored, version = self._ledger.read(self._name)
                if stored is not None and stored.state == "done":
                    if stored.made_id != made_id:
                        twice = f"this was made twice under one idempotency key: {made_id} and {stored.made_id}"
                        self._warnings.append(twice)
                    break
                if self._ledger.replace(self._name, done, version=version):
                    break
        except PluginError as error:
            self._warnings.append(f"it is done, but could not be noted for later calls with this key: {error.message}")
        return done

    def _replace(self, entry: Entry | None) -> None:
        """Replace this call's own entry; where that fails, it ends by itself after its lease."""
        with contextlib.suppress(PluginError):
            stored, version = self._ledger.read(self._name)
            if stored is not None and stored.owner == self._owner:
                self._ledger.replace(self._name, entry, version=version)
