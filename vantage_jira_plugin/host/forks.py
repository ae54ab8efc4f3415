"""Pools of connections across a fork. Which database they lead to is not known here."""

from __future__ import annotations

import os
import weakref
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["keep_from_forks"]


def keep_from_forks(engine: sa.Engine, *, close_before: bool = False) -> None:
    """Let every forked process start with an empty pool, so that no two processes use one connection.

    With `close_before` the pool is empty at the fork itself, so that the child inherits no connection but those that
    other threads are using just then.

    Source: https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork
    """
    if os.name != "posix":
        return
    known = weakref.ref(engine)  # what is registered stays registered

    def dispose(*, close: bool) -> None:
        living = known()
        if living is not None:
            living.dispose(close=close)

    if close_before:
        os.register_at_fork(before=partial(dispose, close=True))
    os.register_at_fork(after_in_child=partial(dispose, close=False))
