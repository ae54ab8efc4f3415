"""Keeps the pages of a pull on disk until all are there, so that a killed export goes on. No formats, no targets."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from vantage_jira_plugin.reading.keeper import PartState

from .frames import append, frames, whole
from .journal import Journal, entries
from .lock import FolderLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from .formats import Format

__all__ = ["Finished", "Spool"]

#: A spool that nothing was added to for so long is begun anew: a page token is good for seven days.
#: Source: OpenAPI file, POST search/jql, nextPageToken.
_MAX_AGE_SECONDS = 6 * 24 * 3600.0
_JOURNAL = "journal"
_FINISHED = "finished"

Position = tuple[int, ...]


@dataclass(slots=True)
class _Part:
    """A part, the number of its file, and how much of that is kept."""

    state: PartState
    number: int
    end: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The file that came of a spool, as it is about to be put in place.

    Attributes:
        incomplete_reason: why rows are missing in it, or None.
        lost: how many cells of a column could not be written as they are.
    """

    rows: int
    size_bytes: int
    sha256: str
    incomplete_reason: str | None = None
    lost: Mapping[str, int] = field(default_factory=dict)


class Spool:
    """A `Keeper` in a folder: a file of pages for each part, and a journal that says what of them counts.

    A page is written first, then the entry that counts it. Nothing is forced to the disk on the way; instead pages and
    entries carry checksums, and a new run believes the journal as far as it and the pages it tells of are whole. A kill
    loses the call that was under way, a power failure perhaps a few more, and what is lost is read again.

    Args:
        folder: made where it is not there; its parent is.
        digest: of everything that the rows depend on. A spool of another one is begun anew.
        encoding: what pages are written as.
        resume: whether what an earlier run kept counts.

    Raises:
        BlockingIOError: another export is using the folder.
        OSError: the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        digest: str,
        encoding: Format,
        *,
        resume: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self.lost: Counter[str] = Counter()
        #: What the earlier run put in place, where it came so far.
        self.finished: Finished | None = None
        #: Whether the reading has come to its end, and why rows are missing, where they are.
        self.ended = False
        self.incomplete_reason: str | None = None
        self._removed = False
        self._header = {"digest": digest}
        self._encoding = encoding
        self._parts: dict[Position, _Part] = {}
        self._adding = Lock()
        self._journal: Journal | None = None
        self._lock = FolderLock(folder)
        try:
            self._kept = self._replayed() if resume and self._age_seconds(clock) <= _MAX_AGE_SECONDS else 0
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What another export has kept stays where this one began nothing.
        others = self._journal is None and (self.folder / _JOURNAL).exists()
        if self._journal is not None:
            self._journal.close()
        try:
            if not (self.rows or self._removed or others):
                self._lock.remove(last=_JOURNAL)
        finally:
            self._lock.release()

    # ---- the keeper -------------------------------------------------------------------------

    def restored(self) -> Sequence[PartState] | None:
        """Return the parts of an earlier, unfinished run; without one, begin the folder anew."""
        if not self._kept:
            self._lock.clear(last=_JOURNAL)
        self._journal = Journal(self.folder / _JOURNAL, self._kept)
        if not self._kept:
            self._journal.add(self._header)
        return [self._parts[position].state for position in sorted(self._parts)] or None

    def planned(self, parts: Sequence[PartState]) -> None:
        """Note parts that are new or whose end has moved."""
        with self._adding:
            self._add({"plan": [[part.position, part.state, part.done, part.rows] for part in parts]})
            for part in parts:
                self._plan(part)

    def page(self, part: PartState, made: Sequence[Mapping[str, Any]]) -> None:
        """Keep the rows of one page and the state behind them."""
        kept = self._parts[part.position]
        end = kept.end
        lost: Mapping[str, int] = {}
        if made:
            encoded = self._encoding.encode(made)
            lost = encoded.lost
            end = append(self._path(kept.number), end, encoded.data, len(made))
        with self._adding:
            self._add(
                {
                    "page": part.position,
                    "state": part.state,
                    "done": part.done,
                    "rows": part.rows,
                    "end": end,
                    **({"lost": lost} if lost else {}),
                }
            )
            kept.state, kept.end = part, end
            self.lost.update(lost)

    # ---- what comes of it -------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """How many rows are kept."""
        return sum(part.state.rows for part in self._parts.values())

    def end(self, incomplete_reason: str | None) -> None:
        """Note that nothing more is to be read."""
        self._add({"ended": incomplete_reason})
        self.ended, self.incomplete_reason = True, incomplete_reason

    def finish(self, finished: Finished) -> None:
        """Note what is about to be put in place."""
        self._add({_FINISHED: asdict(finished)})

    def pages(self) -> Iterator[tuple[bytes, int]]:
        """Yield encoded pages and their rows in the query's order, up to the first part that is not read to its end.

        Raises:
            DamagedError: one is not as it was written.
        """
        for position in sorted(self._parts):
            part = self._parts[position]
            yield from frames(self._path(part.number), part.end)
            if not part.state.done:
                return

    def remove(self) -> None:
        """Remove everything that was kept; the spool is not used after that."""
        self._lock.remove(last=_JOURNAL)
        self._removed = True

    # ---- the journal ------------------------------------------------------------------------

    def _add(self, entry: Mapping[str, Any]) -> None:
        if self._journal is None:
            raise RuntimeError("a spool is asked for what is restored before anything is added")
        self._journal.add(entry)

    def _replayed(self) -> int:
        """Take what the journal says, as far as it is whole; return how many of its bytes that are.

        A file that was finished is known also where the pages are not whole any more: they are removed after it is put
        in place, and the journal last.
        """
        kept, counts = 0, True
        for entry, end in entries(self.folder / _JOURNAL):
            if kept == 0 and entry != self._header:
                return 0
            if _FINISHED in entry:
                self.finished = Finished(**entry[_FINISHED])
            counts = counts and (kept == 0 or self._take(entry))
            kept = end if counts else kept
        return kept

    def _take(self, entry: Mapping[str, Any]) -> bool:
        """Take one entry, or tell that what it tells of is not there."""
        if "plan" in entry:
            for position, state, done, rows in entry["plan"]:
                self._plan(PartState(tuple(position), state, done, rows))
        elif "page" in entry:
            part = self._parts[tuple(entry["page"])]
            if not whole(self._path(part.number), part.end, entry["end"]):
                return False
            part.state = PartState(part.state.position, entry["state"], entry["done"], entry["rows"])
            part.end = entry["end"]
            self.lost.update(entry.get("lost", {}))
        elif "ended" in entry:
            self.ended, self.incomplete_reason = True, entry["ended"]
        return True

    def _plan(self, part: PartState) -> None:
        known = self._parts.get(part.position)
        if known is None:
            self._parts[part.position] = _Part(part, len(self._parts))
        else:
            known.state = part

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.pages"

    def _age_seconds(self, clock: Callable[[], float]) -> float:
        with suppress(FileNotFoundError):
            return clock() - (self.folder / _JOURNAL).stat().st_mtime
        return 0.0
