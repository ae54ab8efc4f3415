"""A host's shared state in memory, written from the contract alone."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.contract import SharedValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MemoryShared"]


class MemoryShared:
    """Matches `contract.SharedState`; what it keeps has been JSON."""

    def __init__(self) -> None:
        self.values: dict[str, SharedValue] = {}
        self._lock = threading.Lock()
        self._version = 0

    def read(self, names: Sequence[str]) -> dict[str, SharedValue]:
        with self._lock:
            return {name: self.values[name] for name in names if name in self.values}

    def replace(self, name: str, value: Mapping[str, Any] | None, *, version: int, keep_seconds: float) -> bool:
        assert keep_seconds > 0
        with self._lock:
            known = self.values.get(name)
            if version != (0 if known is None else known.version):
                return False
            self._version += 1
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = SharedValue(json.loads(json.dumps(value)), self._version)
            return True
