from __future__ import annotations

import platformdirs

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
