from __future__ import annotations

import pytest
import sqlalchemy as sa

from vantage_jira_plugin.host.database import Database
from vantage_jira_plugin.host.errors import StoreError
from vantage_jira_plugin.host.home import Home
from vantage_jira_plugin.host.schema import credentials
from vantage_jira_plugin.host.sqlite import SqliteFile


def test_the_file_is_for_its_owner_only_and_survives_a_power_cut(tmp_path):
    """The database has mode 0600, a write-ahead log, and full synchronisation."""
    file = SqliteFile(tmp_path / "home" / "vantage.db")
    with file.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
        connection.execute(sa.delete(credentials))
        modes = {path.name: path.stat().st_mode & 0o777 for path in file.path.parent.glob("vantage.db*")}
    assert modes == dict.fromkeys(("vantage.db", "vantage.db-wal", "vantage.db-shm"), 0o600)
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_single_statements_wait_for_writers_but_not_for_the_disk(tmp_path):
    """Connections for them are kept, and set up like the others but for the disk."""
    file = SqliteFile(tmp_path / "vantage.db")
    for _ in "12":
        with file.statement_engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
    assert file.statement_engine.pool.checkedin() == 1
    file.statement_engine.dispose()


def test_the_environment_may_name_another_file(tmp_path):
    """VANTAGE_DATABASE_URL moves the database, and the locks go with it."""
    path = tmp_path / "elsewhere" / "rows.db"
    Database.from_environment({"VANTAGE_DATABASE_URL": f"sqlite:///{path}"}, Home(tmp_path))
    assert path.is_file()
    assert (path.parent / "locks").is_dir()
    assert not (tmp_path / "vantage.db").exists()


def test_a_file_that_is_no_database_gives_a_store_error(tmp_path):
    """A file of another kind is reported as OSError, so that plugins need not know SQLAlchemy."""
    path = tmp_path / "vantage.db"
    path.write_text("this is not a database, whatever its name says" * 100, encoding="ascii")
    with pytest.raises(StoreError, match="cannot be used"):
        SqliteFile(path)


def test_files_that_others_can_read_are_taken_back(tmp_path):
    """A database that was copied with a wider mode is its owner's alone again."""
    path = tmp_path / "vantage.db"
    SqliteFile(path)
    path.chmod(0o644)
    SqliteFile(path)
    assert path.stat().st_mode & 0o777 == 0o600
