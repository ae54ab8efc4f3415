"""Who may do a keyed write: its entry in the ledger, as one call reserves it or waits for it. It sends no write.

Who may send a key is decided by replacing its entry by version, so that of any number of workers one sends.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.auth.record import iso_datetime
from vantage_jira_plugin.errors import CredentialStoreError, PluginError

from .doubt import elsewhere, in_doubt, under_way, unsettled
from .entry import Entry
from .ledger import Noted

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.transport.budget import Budget

    from .finder import Finder
    from .ledger import Ledger

__all__ = ["Claim"]

#: Pauses while another worker is at it: the first, how they grow, the longest.
_FIRST_PAUSE_SECONDS = 0.25
_PAUSE_GROWTH = 1.5
_LONGEST_PAUSE_SECONDS = 2.0
#: How often Jira is looked at while waiting; the ledger, which costs no points, is read after each pause.
_LOOK_EVERY_SECONDS = 15.0
#: How often an entry is replaced anew because others are faster.
_ATTEMPTS = 10


class Claim:
    """One call's hold on one keyed write.

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
        self._owner = uuid.uuid4().hex[:16]
        #: Names of the place where it is to be made.
        self._places = {finder.here}

    # ---- before sending ---------------------------------------------------------------------

    def reserved(self) -> Entry:
        """Return the entry that lets this call send, or that of what was made before.

        Raises:
            CredentialStoreError: the ledger failed.
            InputError: the key was used before in another place.
            WriteUnderWayError: another worker is at it, for longer than this call can wait.
            UnknownOutcomeError: what an earlier call did is not known yet.
        """
        for _ in range(_ATTEMPTS):
            entry, version = self._waited_for()
            if entry is None:
                made = self._traced()
                entry = None if made is None else self.note(self._unsent(None), made)
            elif entry.is_due(self._clock()) and entry.state != "done":
                entry = self._looked_for(entry) or entry
            if entry is not None and (entry.state == "done" or self._is_own(entry)):
                return entry
            if entry is None:
                after = self._finder.after()  # may ask Jira, which takes nothing of the lease
                wanted = self._unsent(after)
            else:
                wanted = entry.taken_over(owner=self._owner, digest=self._digest, now=self._clock())
            if self._ledger.replace(self._name, wanted, version=version):
                if entry is None:
                    self._warn_of_gaps()
                return wanted
        raise CredentialStoreError("the write could not be reserved: its entry changes all the time", hint="Try again.")

    def peek(self) -> Entry | None:
        """Return what is known of the write without changing anything, None where nothing is.

        Raises:
            CredentialStoreError: the ledger failed.
            InputError: the key was used before in another place.
            UnknownOutcomeError: what an earlier call did could not be read.
        """
        entry = self._read().entry
        if entry is None:
            made = self._traced()
            if made is not None:
                return self._done(self._unsent(None), made)
            self._warn_of_gaps()
        return entry

    def _unsent(self, after: int | None) -> Entry:
        """Return the entry of a write that this call is the first to do."""
        place, now = self._finder.here, self._clock()
        return Entry.reserved(owner=self._owner, digest=self._digest, place=place, now=now, after=after)

    def _is_own(self, entry: Entry) -> bool:
        """Tell whether an entry is this call's: also one that was stored though the store said otherwise."""
        return entry.state == "sending" and entry.owner == self._owner

    def _read(self) -> Noted:
        """Read the entry.

        Raises:
            InputError: it is of another place.
        """
        noted = self._ledger.read(self._name)
        if noted.entry is not None:
            self._check(noted.entry.place)
        return noted

    def _check(self, place: str | None) -> None:
        """Make sure that a place is this one, however it is named; found out once."""
        if place not in self._places:
            if place is None or not self._finder.is_here(place):
                raise elsewhere(self._finder, place)
            self._places.add(place)

    def _waited_for(self) -> Noted:
        """Wait while another worker may be at it; look in Jira now and then, which may know more than the ledger."""
        pause_seconds = _FIRST_PAUSE_SECONDS
        look_at: float | None = None
        while True:
            noted = self._read()
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
        return None if made is None else self.note(entry, made)

    def _traced(self) -> dict[str, Any] | None:
        """Return what was made by a write whose entry had to make room; there are hardly ever any.

        Raises:
            InputError: it is in another place.
            UnknownOutcomeError: it could not be read.
        """
        for made_id in self._ledger.traces(self._name):
            try:
                made = self._finder.recall(made_id)
            except PluginError as error:
                raise unsettled(error) from error
            if made is not None:
                self._check(self._finder.where(made))
                return made
        return None

    def _warn_of_gaps(self) -> None:
        """Say that the ledger has forgotten something, which may have been this."""
        forgot_at = self._ledger.forgot_at()
        if forgot_at is not None:
            self._warnings.append(
                "the credential record has no room for all writes with idempotency keys, and had to forget some, last "
                f"at {iso_datetime(forgot_at)}: had this one been done long before, it would not be known"
            )

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
        self._budget.count(waited_seconds=pause_seconds)

    # ---- after sending ----------------------------------------------------------------------

    def note(self, entry: Entry, made: dict[str, Any]) -> Entry:
        """Note what was made; that it cannot be noted changes nothing about it."""
        done = self._done(entry, made)
        try:
            for _ in range(_ATTEMPTS):
                stored, version = self._ledger.read(self._name)
                if stored is not None and stored.state == "done":
                    if stored.made_id != done.made_id:
                        twice = f"this was made twice under one idempotency key: {done.made_id} and {stored.made_id}"
                        self._warnings.append(twice)
                    break
                if self._ledger.replace(self._name, done, version=version):
                    break
        except PluginError as error:
            self._warnings.append(f"it is done, but could not be noted for later calls with this key: {error.message}")
        return done

    def replace(self, entry: Entry | None) -> None:
        """Replace this call's own entry, None forgets it; where that fails, it ends by itself after its lease."""
        with contextlib.suppress(PluginError):
            stored, version = self._ledger.read(self._name)
            if stored is not None and stored.owner == self._owner:
                self._ledger.replace(self._name, entry, version=version)

    def _done(self, entry: Entry, made: dict[str, Any]) -> Entry:
        return entry.done(made_id=str(made.get("id")), made_key=self._finder.named(made), now=self._clock())
