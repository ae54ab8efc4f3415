"""The state that a host shares among its workers, with its failures as the plugin's. It knows no values."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import CredentialStoreError, PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .contract import HostServices, SharedState, SharedValue

__all__ = ["HostShared", "shared_state"]


class HostShared:
    """The host's `SharedState`, whose failures are `CredentialStoreError`."""

    def __init__(self, state: SharedState) -> None:
        self._state = state

    def read(self, names: Sequence[str]) -> Mapping[str, SharedValue]:
        """Return the values stored under these names; see the contract.

        Raises:
            CredentialStoreError: the host failed.
        """
        with _failures("read"):
            return self._state.read(names)

    def replace(self, name: str, value: Mapping[str, Any] | None, *, version: int, keep_seconds: float) -> bool:
        """Store a value in place of the version that was read; see the contract.

        Raises:
            CredentialStoreError: the host failed; whether the value is stored is not known.
        """
        with _failures("written"):
            return self._state.replace(name, value, version=version, keep_seconds=keep_seconds)


def shared_state(services: HostServices) -> HostShared | None:
    """Return the state that all workers of the host share, or None where it has none."""
    state: SharedState | None = getattr(services, "shared", None)
    return None if state is None else HostShared(state)


@contextmanager
def _failures(what: str) -> Iterator[None]:
    """Say which step failed; the host's own exception may be anything, and is kept as the cause."""
    try:
        yield
    except PluginError:
        raise
    except Exception as error:
        raise CredentialStoreError(
            f"the state that the host's workers share could not be {what} ({type(error).__name__})",
            hint="Try again; if it stays so, ask an administrator to look at the host's database.",
        ) from error
