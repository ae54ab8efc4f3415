from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.host.conftest import REPOSITORY

#: Keeps a connection, forks, and tells how many connections each process finds in its pool.
FORKING = """
import os, sys
import sqlalchemy as sa
from vantage_jira_plugin.host.forks import keep_from_forks
engine = sa.create_engine(f"sqlite:///{sys.argv[1]}")
keep_from_forks(engine, close_before=sys.argv[2] == "close")
forgotten = sa.create_engine("sqlite://")
keep_from_forks(forgotten)
del forgotten
def use():
    with engine.connect() as connection:
        connection.execute(sa.select(1))
use()
assert engine.pool.checkedin() == 1
child = os.fork()
kept = engine.pool.checkedin()
use()
if not child:
    os._exit(kept)
print(kept, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
engine.dispose()
"""


@pytest.mark.parametrize(("close", "told"), [("close", "0 0\n"), ("keep", "1 0\n")])
def test_a_child_starts_without_connections(tmp_path, close, told):
    """The parent keeps its own unless they are closed before; both can go on."""
    ended = subprocess.run(
        [sys.executable, "-c", FORKING, str(tmp_path / "rows.db"), close],
        cwd=REPOSITORY,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == (told, "", 0)
