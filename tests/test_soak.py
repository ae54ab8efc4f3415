from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import NoPostgresError, running_postgres

REPOSITORY = Path(__file__).resolve().parents[1]
#: A shorter run than the one in docs/lost-login.md: both databases, with and without kills, in about 40 s.
SIZE = ("--lifetimes", "8", "--kills", "12", "--processes", "4", "--threads", "4")


@pytest.mark.soak
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_many_workers_never_lose_the_login(database):
    """Every call is answered with one refresh per expiry, whoever is killed, and the grant is alive at the end."""
    if database == "postgresql":
        try:
            with running_postgres():
                pass
        except NoPostgresError as error:
            pytest.skip(f"no PostgreSQL: {error}")
    command = [sys.executable, "-m", "benchmarks.lost_login", "--database", database, *SIZE]
    ended = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
    told = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    assert [outcome["problems"] for outcome in told] == [[], []], ended.stderr
    assert ended.returncode == 0
    assert [outcome["kills"] for outcome in told] == [0, 12]
