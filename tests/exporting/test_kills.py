"""Exports killed at random moments, in processes of their own: the table is exact, what counts is not read twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.exporting.killing import PAGE, PARTS, SIZE
from tests.exporting.pulling import COLUMNS, Pull
from vantage_jira_plugin.exporting.export import prepared

_ROOT = Path(__file__).parents[2]
#: Sleep of the children for each row: an undisturbed run takes several times the longest wait before the first kill.
_DELAY_SECONDS = 0.0004
_LONGEST_SECONDS = 0.12
#: How much longer each later run may take, so that a busy machine comes to an end.
_LONGER_SECONDS = 0.03


def _run(target, log, kill_after_seconds):
    """Run the export and kill it after a while; returns whether it was done before.

    A run that is killed right behind its last step, which removes the spool, was done as well.
    """
    command = [sys.executable, "-m", "tests.exporting.killing", str(target), str(log), str(_DELAY_SECONDS)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        try:
            process.wait(kill_after_seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        said = process.stdout.read()
    return said == "done\n" or (target.exists() and not (target.parent / f".{target.name}.vantage-part").exists())


@pytest.mark.parametrize("suffix", ["ndjson", "csv.gz", "parquet"])
def test_a_killed_export_ends_with_the_same_bytes(tmp_path, suffix):
    """However often it is killed, the file is that of an undisturbed run, and only a page under way is read again."""
    pull = Pull(PARTS, SIZE, PAGE)
    undisturbed = tmp_path / f"undisturbed.{suffix}"
    prepared(str(undisturbed), None, None, overwrite=False, resume=True).run(
        COLUMNS, ["q"], pull, max_rows=None, progress=lambda rows: None
    )
    dice = random.Random(suffix)  # noqa: S311 - no secret
    target, log = tmp_path / f"killed.{suffix}", tmp_path / "read.log"
    kills = 0
    while not _run(target, log, dice.uniform(0.0, _LONGEST_SECONDS + kills * _LONGER_SECONDS)):
        kills += 1
        assert not target.exists() or target.read_bytes() == undisturbed.read_bytes()
        assert kills < 200
    assert kills > 1
    assert target.read_bytes() == undisturbed.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {target.name, undisturbed.name, log.name}
    logged = Counter(log.read_text(encoding="utf-8").split())
    assert {int(start) for start in logged} <= set(pull.read)
    assert set(logged.values()) == {1}
