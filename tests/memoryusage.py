"""A host's count of what was used, in memory, written from the contract alone."""

from __future__ import annotations

__all__ = ["MemoryUsage"]


class MemoryUsage:
    """A host's count, which may be out of order."""

    def __init__(self, *, before: int = 0) -> None:
        self.entries = []
        self.before = before
        self.broken = False
        self.asked = []

    def add(self, entry):
        self._check()
        self.entries.append(entry)

    def points(self, *, client_id, cloud_id=None, run_id=None, since=None):
        self._check()
        self.asked.append((client_id, cloud_id, run_id, since))
        return self.before + sum(
            entry["points"]
            for entry in self.entries
            if (cloud_id is None or entry["cloudId"] == cloud_id)
            and (run_id is None or entry["runId"] == run_id)
            and (since is None or entry["at"] >= since)
        )

    def _check(self):
        if self.broken:
            raise OSError("postgresql://vantage:hunter2@db is down")
