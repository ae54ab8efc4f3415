"""A host written from the contract alone: everything in memory, one lock per credential."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MemoryCredentials", "MemoryServices", "settings_for"]


@dataclass
class _Endpoints:
    auth_url: str
    api_url: str


class _Transaction:
    def __init__(self, store: MemoryCredentials, credential_id: str) -> None:
        self._store = store
        self._credential_id = credential_id
        self.record = store.read(credential_id)

    def save(self, record: Mapping[str, Any]) -> None:
        self._store.records[self._credential_id] = deepcopy(dict(record))
        self._store.saves += 1

    def delete(self) -> None:
        self._store.records.pop(self._credential_id, None)


class MemoryCredentials:
    """Matches `contract.CredentialStore`."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.saves = 0
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def read(self, credential_id: str) -> dict[str, Any] | None:
        return deepcopy(self.records.get(credential_id))

    @contextmanager
    def exclusive(self, credential_id: str, *, timeout_seconds: float) -> Iterator[_Transaction]:
        lock = self._locks[credential_id]
        if not lock.acquire(timeout=timeout_seconds):
            raise TimeoutError(credential_id)
        try:
            yield _Transaction(self, credential_id)
        finally:
            lock.release()


@dataclass
class MemoryServices:
    """Matches `contract.HostServices`."""

    auth_url: str
    api_url: str
    secret: str | None = "client-secret"
    credentials: MemoryCredentials = field(default_factory=MemoryCredentials)

    @property
    def endpoints(self) -> _Endpoints:
        return _Endpoints(self.auth_url, self.api_url)

    def client_secret(self, service_id: str, client_id: str) -> str | None:
        del service_id, client_id
        return self.secret

    def open_record(self, sealed: str) -> Mapping[str, object]:
        raise ValueError(sealed)

    def progress(self, done: int, total: int | None, message: str) -> None:
        pass


def settings_for(grant: Mapping[str, Any] | None, client_id: str = "client", **more: Any) -> dict[str, Any]:
    """Return the settings of a connection whose record is not stored yet."""
    grant = grant or {}
    return {
        "encryptedRecord": {
            "accessToken": grant.get("access_token"),
            "refreshToken": grant.get("refresh_token"),
            "cloudId": None,
            "tokenExpiry": None,
        },
        "serviceId": "jira_service_001",
        "clientId": client_id,
        "credentialId": "credential_123456",
        **more,
    }
