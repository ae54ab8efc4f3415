from __future__ import annotations

import platformdirs
import pytest

from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.home import Home


def test_the_named_home_folder_is_made_for_its_owner_only(tmp_path):
    """VANTAGE_HOME is created with mode 0700, parents included."""
    home = Home.from_environment({"VANTAGE_HOME": str(tmp_path / "a" / "b")})
    assert home.path == (tmp_path / "a" / "b").resolve()
    assert home.path.stat().st_mode & 0o777 == 0o700


def test_without_a_name_the_platforms_folder_is_used(tmp_path, monkeypatch):
    """The platform's user data folder is the default."""
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name, **_: tmp_path / name)
    assert Home.from_environment({}).path == (tmp_path / "vantage").resolve()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_is_no_home_folder(tmp_path, name):
    """A home folder that cannot be one is told in words."""
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match=r"the home folder .* cannot be used") as caught:
        Home.from_environment({"VANTAGE_HOME": str(tmp_path / name)})
    assert "VANTAGE_HOME" in (caught.value.hint or "")


def test_a_folder_of_the_hosts_own_files_is_taken_back(tmp_path):
    """It was made with a wider mode; nothing else is in it."""
    for name in ("vantage.db", "vantage.db-wal", "record.keys"):
        (tmp_path / name).touch()
    tmp_path.chmod(0o755)
    assert Home.from_environment({"VANTAGE_HOME": str(tmp_path)}).warning is None
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_with_other_files_is_left_as_it_is(tmp_path):
    """Somebody may need it as it is; people are warned."""
    (tmp_path / "letter.txt").touch()
    tmp_path.chmod(0o750)
    assert "mode 0750" in (Home.from_environment({"VANTAGE_HOME": str(tmp_path)}).warning or "")
    assert tmp_path.stat().st_mode & 0o777 == 0o750
