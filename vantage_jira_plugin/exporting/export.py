"""One export from the checked target to the file in its place. It knows no Jira, and no format by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin import __version__
from vantage_jira_plugin.errors import InputError, TargetError, WriteUnderWayError

from .assembly import assemble
from .formats import format_named
from .places import place_of
from .spool import Spool
from .targets import parse_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.reading.keeper import Keeper

    from .places import Place
    from .spool import Finished
    from .targets import Target

__all__ = ["Export", "Exported", "prepared"]

#: Reads into a keeper, and says why rows are missing, or None.
Pull = Callable[["Keeper[Mapping[str, Any]]"], str | None]

#: Reasons after which a later run goes on, so that nothing is put in place yet: time or points were spent.
_TO_BE_CONTINUED = frozenset({"timeout", "points"})
#: The file in the spool, before it has its name.
_ASSEMBLED = "assembled"


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export.

    Attributes:
        rows: in the file, or kept for it so far.
        size_bytes: of the file; None where it is not in its place yet, as is `sha256`.
        resumed_rows: rows that were not read again, because an earlier run had kept them.
        incomplete_reason: why rows are missing, or None.
        lost: how many cells of a column could not be written as they are.
    """

    rows: int
    size_bytes: int | None
    sha256: str | None
    resumed_rows: int
    incomplete_reason: str | None
    lost: Mapping[str, int]

    @property
    def finished(self) -> bool:
        """Whether the file is in its place."""
        return self.size_bytes is not None


@dataclass(frozen=True, slots=True)
class Export:
    """An export whose target was checked; nothing of it was read yet."""

    target: Target
    place: Place
    overwrite: bool
    resume: bool

    def run(
        self,
        columns: Sequence[Column],
        source: Sequence[Any],
        pull: Pull,
        *,
        max_rows: int | None,
        progress: Callable[[int], None],
    ) -> Exported:
        """Read everything into the spool, then put it in its place as one file.

        Args:
            columns: of the rows.
            source: JSON data of what the rows depend on beside the columns, such as the query; an earlier run of
                anything else does not count.
            pull: reads the rows.
            max_rows: how many rows at most.
            progress: is told how many rows are in the file.

        Raises:
            WriteUnderWayError: another export to the same target is running.
            InputError: meanwhile, somebody else has made a file there; `errors` names the input `target`.
            TargetError: something could not be written.
            PluginError: the reading failed. What was read is kept for the next run.
        """
        encoding = format_named(self.target.format, columns)
        # Another version may make other rows, and read on from other states.
        form = [__version__, self.target.format, self.target.compressed, max_rows, list(columns), list(source)]
        digest = sha256(json.dumps(form).encode()).hexdigest()
        with _failures(self.target), Spool(self.place.spool, digest, encoding, resume=self.resume) as spool:
            resumed_rows = spool.rows
            if not self.overwrite and self.place.exists():
                if spool.finished is None or not self.place.holds(spool.finished):
                    raise FileExistsError
                return _done(spool, spool.finished, spool.finished.rows)
            if spool.ended:
                spool.restored()
            else:
                reason = pull(spool)
                if reason in _TO_BE_CONTINUED:
                    return Exported(spool.rows, None, None, resumed_rows, reason, dict(spool.lost))
                spool.end(reason)
            finished = assemble(
                spool.pages(),
                encoding,
                spool.folder / _ASSEMBLED,
                compressed=self.target.compressed,
                max_rows=max_rows,
                progress=progress,
            )
            finished = replace(finished, incomplete_reason=spool.incomplete_reason, lost=dict(spool.lost))
            spool.finish(finished)
            self.place.put(spool.folder / _ASSEMBLED, overwrite=self.overwrite)
            return _done(spool, finished, min(resumed_rows, finished.rows))


def prepared(
    target: str, file_format: str | None, export_folder: str | None, *, overwrite: bool, resume: bool
) -> Export:
    """Check where an export goes; see `parse_target`.

    Raises:
        InputError: the target or the format cannot be used, or a file is there that must not be replaced; `errors`
            names the input.
        TargetError: whether a file is there cannot be told.
    """
    parsed = parse_target(target, file_format, export_folder)
    format_named(parsed.format, ())
    place = place_of(parsed)
    with _failures(parsed):
        # A spool may tell that the file is the one wanted, which was put there just before the earlier run was killed.
        if not overwrite and place.exists() and not (resume and place.spool.exists()):
            raise FileExistsError
    return Export(parsed, place, overwrite, resume)


def _done(spool: Spool, finished: Finished, resumed_rows: int) -> Exported:
    """Remove what is not needed any more, and say what there is."""
    spool.remove()
    return Exported(
        finished.rows, finished.size_bytes, finished.sha256, resumed_rows, finished.incomplete_reason, finished.lost
    )


@contextmanager
def _failures(target: Target) -> Iterator[None]:
    """Name a failure of the spool or the place as the plugin's.

    Raises:
        PluginError: instead of the failure.
    """
    try:
        yield
    except FileExistsError:
        text = "exists; name another file, or set overwrite"
        raise InputError(f"target {text}: {target.shown}", errors={"target": [text]}) from None
    except BlockingIOError as error:
        raise WriteUnderWayError(
            f"another export to {target.shown} is under way", hint="Wait until it has ended, or name another target."
        ) from error
    except OSError as error:
        raise TargetError(
            f"could not export to {target.shown}: {error.strerror or error}",
            hint="Make room, or see to the permissions there; the next run goes on with what was read.",
        ) from error
