"""An export that its test kills: `python -m tests.exporting.killing TARGET LOG DELAY`. It reads made-up rows."""

from __future__ import annotations

import sys
import time

from tests.exporting.pulling import COLUMNS, Pull, row
from vantage_jira_plugin.exporting.export import prepared

PARTS, SIZE, PAGE = 6, 400, 16


def main():
    """Run the export; a row takes long enough that a kill meets every moment of it."""
    target, log, delay_seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])

    def slowly(number):
        time.sleep(delay_seconds)
        return row(number)

    export = prepared(target, None, None, overwrite=False, resume=True)
    print("begun", flush=True)  # noqa: T201 - tells the test when to start counting
    export.run(COLUMNS, ["q"], Pull(PARTS, SIZE, PAGE, log=log, make=slowly), max_rows=None, progress=lambda rows: None)
    print("done", flush=True)  # noqa: T201 - and that it was not killed


if __name__ == "__main__":
    main()
