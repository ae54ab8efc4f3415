"""Errors of the reference host itself; a plugin's expected failures are the contract's `PluginError`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ConsentTimeoutError", "HostError", "StoreError"]


class HostError(Exception):
    """The host cannot do what was asked as it is set up; a person has to change something.

    Attributes:
        message: what is wrong, for people; never a secret.
        hint: what to do next, or None.
        errors: texts by field, where fields are to blame.
    """

    def __init__(self, message: str, *, hint: str | None = None, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.errors = dict(errors or {})


class StoreError(OSError):
    """The host's database could not be read or written.

    An `OSError`, so that a plugin can tell it from its own faults without knowing the host.
    """


class ConsentTimeoutError(TimeoutError):
    """Nobody came back from the consent page in time."""
