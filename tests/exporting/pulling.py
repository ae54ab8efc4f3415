"""A pull of made-up rows, in parts that threads read side by side, for what keeps and writes them."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vantage_jira_plugin.reading.keeper import PartState

COLUMNS = [
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "summary", "type": "string", "title": "Summary"},
    {"name": "votes", "type": "integer", "title": "Votes"},
    {"name": "points", "type": "number", "title": "Points"},
    {"name": "flagged", "type": "boolean", "title": "Flagged"},
    {"name": "created", "type": "datetime", "title": "Created"},
    {"name": "duedate", "type": "date", "title": "Due"},
    {"name": "labels", "type": "list", "title": "Labels"},
]


def row(number):
    """One row, the same at each call, with what is hard for some format."""
    dice = random.Random(number)  # noqa: S311 - no secret
    return {
        "key": f"DEV-{number}",
        "summary": dice.choice(['a "b", c', "Grüße 日本語", "two\r\nlines", "=1+1", None]),
        "votes": dice.randrange(10) or None,
        "points": dice.choice([0.5, 8, 13.25, None]),
        "flagged": dice.choice([True, False, None]),
        "created": f"2026-{1 + number % 12:02}-{1 + number % 28:02}T09:{number % 60:02}:00.{number % 1000:03}Z",
        "duedate": dice.choice(["2026-01-31", None]),
        "labels": dice.choice([[], ["a", 'b "c"'], ["x,y"]]),
    }


def rows(count, first=0):
    """Rows from one number on."""
    return [row(number) for number in range(first, first + count)]


class Pull:
    """Reads `parts` parts of `size` rows, in pages of `page`; cuts each part in two where it is half read.

    Attributes:
        read: first numbers of the pages that were read.
        log: a file that is told the same, for processes that are killed.
    """

    def __init__(self, parts=3, size=40, page=7, *, threads=3, log=None, make=row, reason=None, stop_after=None):
        self.parts, self.size, self.page, self.threads = parts, size, page, threads
        self.make, self.reason, self.stop_after = make, reason, stop_after
        self.read = []
        self._log = None if log is None else os.open(Path(log), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    @property
    def numbers(self):
        """Numbers of all rows, in order."""
        return range(self.parts * self.size)

    def __call__(self, keeper):
        parts = keeper.restored()
        if parts is None:
            parts = [
                PartState((number,), {"next": number * self.size, "end": (number + 1) * self.size, "cut": False})
                for number in range(self.parts)
            ]
            keeper.planned(parts)
        with ThreadPoolExecutor(self.threads) as pool:
            for future in [pool.submit(self._part, part, keeper) for part in parts]:
                future.result()
        return self.reason

    def _part(self, part, keeper):
        while not part.done:
            if self.stop_after is not None and len(self.read) >= self.stop_after:
                return
            start, end, cut = part.state["next"], part.state["end"], part.state["cut"]
            middle = (start + end + 1) // 2
            if not cut and middle < end:
                behind = PartState((*part.position, -1), {"next": middle, "end": end, "cut": True})
                part = PartState(part.position, {"next": start, "end": middle, "cut": True}, rows=part.rows)
                keeper.planned([part, behind])
                self._part(behind, keeper)
                continue
            stop = min(start + self.page, end)
            self.read.append(start)
            made = [self.make(number) for number in range(start, stop)]
            state = {**part.state, "next": stop}
            part = PartState(part.position, state, done=stop >= end, rows=part.rows + len(made))
            keeper.page(part, made)
            if self._log is not None:
                os.write(self._log, f"{start}\n".encode())
