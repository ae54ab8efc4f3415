"""Where sealing keys are kept: the environment or a key file. Nothing is sealed here."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import HostError
from .sealing import SealingKey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = ["EnvironmentKeys", "KeyFile", "key_source"]

#: Comma separated base64 keys of 32 bytes each, newest first.
KEYS_VARIABLE = "VANTAGE_RECORD_KEYS"
#: Mode bits that let others than the owner at the key file.
OTHERS_MODE = 0o077


@dataclass(frozen=True, slots=True)
class EnvironmentKeys:
    """Keys given by the environment, fixed for the life of the process."""

    values: tuple[SealingKey, ...]

    def newest_first(self) -> Sequence[SealingKey]:
        """Return the keys, newest first."""
        return self.values


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Keys in a file of mode 0600, one base64 line each, newest first; made on first use.

    Attributes:
        ids_in_use: asked before the file is made; returns the ids of the keys that stored records need.
    """

    path: Path
    ids_in_use: Callable[[], Collection[str]] = field(default=tuple, repr=False)

    def newest_first(self) -> Sequence[SealingKey]:
        """Return the keys, newest first.

        Raises:
            HostError: others may read the file, it holds no readable key, or it is lost.
        """
        try:
            text = self._read()
        except FileNotFoundError:
            lost = self.ids_in_use()
            if lost and not self.path.exists():  # in this order: a key is on the disk before its first record is
                raise HostError(
                    f"the key file {self.path} is missing, and records are sealed with key {', '.join(sorted(lost))}",
                    hint=f"put the file back, or its key into {KEYS_VARIABLE}; where it is lost for good, "
                    "vantage-jira credential remove --credential ID, then connect again",
                ) from None
            self._create()
            text = self._read()
        return _parse(text.splitlines(), str(self.path))

    def add(self, key: SealingKey) -> None:
        """Put a key in front of the others."""
        self._replace([key, *self.newest_first()])

    def keep_newest(self) -> None:
        """Forget every key but the newest and those that stored records still need."""
        newest, *older = self.newest_first()
        in_use = self.ids_in_use()
        self._replace([newest, *(key for key in older if key.id in in_use)])

    def _read(self) -> str:
        with self.path.open(encoding="ascii", errors="replace") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & OTHERS_MODE:
                raise HostError(
                    f"the key file {self.path} can be read or changed by others (mode {mode & 0o777:04o})",
                    hint=f"chmod 600 {self.path}",
                )
            return file.read()

    def _create(self) -> None:
        """Create the file with one new key; where another process was faster, its file stays."""
        draft = self._draft([SealingKey.generate()])
        try:
            os.link(draft, self.path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()

    def _replace(self, keys: Sequence[SealingKey]) -> None:
        self._draft(keys).replace(self.path)

    def _draft(self, keys: Sequence[SealingKey]) -> Path:
        # mkstemp creates with mode 0600 (https://docs.python.org/3/library/tempfile.html#tempfile.mkstemp).
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f"{self.path.name}.")
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"{key.text}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)


def key_source(
    environ: Mapping[str, str], key_path: Path, ids_in_use: Callable[[], Collection[str]] = tuple
) -> EnvironmentKeys | KeyFile:
    """Return the environment's keys where it names any, else the key file; see `KeyFile` for `ids_in_use`.

    Raises:
        HostError: the environment's keys are not readable.
    """
    named = environ.get(KEYS_VARIABLE)
    if not named:
        return KeyFile(key_path, ids_in_use)
    return EnvironmentKeys(_parse(named.split(","), KEYS_VARIABLE))


def _parse(lines: Sequence[str], origin: str) -> tuple[SealingKey, ...]:
    try:
        keys = tuple(SealingKey.from_text(line) for line in lines if line.strip())
    except ValueError as error:
        raise HostError(f"{origin}: {error}", hint="each key is 32 random bytes in base64") from None
    if not keys:
        raise HostError(f"{origin} holds no key", hint="each key is 32 random bytes in base64")
    return keys
