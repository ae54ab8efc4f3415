"""The most memory that this process has had since a moment, above what it had then. Linux only."""

from __future__ import annotations

import gc
from pathlib import Path

__all__ = ["Peak"]

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
#: Sets `VmHWM` back to what is resident now. Source: proc(5), /proc/pid/clear_refs.
_RESET_PEAK = "5"
_KILOBYTES = 1024


class Peak:
    """Begins with what is resident when it is made."""

    def __init__(self) -> None:
        gc.collect()
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
        self._before = _status("VmRSS")

    @property
    def idle_megabytes(self) -> float:
        """What was resident at the beginning."""
        return self._before / _KILOBYTES

    @property
    def megabytes(self) -> float:
        """The most that was resident at once since then, above what was at the beginning."""
        return (_status("VmHWM") - self._before) / _KILOBYTES


def _status(name: str) -> int:
    """Return a value in kilobytes."""
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
