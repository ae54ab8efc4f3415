"""SQLAlchemy's errors as the host's `StoreError`. Nothing is run or repeated here."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from .errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["store_failures"]


@contextmanager
def store_failures() -> Iterator[None]:
    """Say in the host's own words that the database could not be read or written.

    Raises:
        StoreError: with what the database said, less the details, which may quote a row.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"the host's database cannot be used: {_reason(error)}") from error


def _reason(error: SQLAlchemyError) -> str:
    original = getattr(error, "orig", None)
    if original is None:
        return type(error).__name__
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    return str(primary or original).strip() or type(original).__name__
