from __future__ import annotations

import pytest

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.exporting.targets import parse_target


def _refused(text, file_format=None, export_folder=None):
    with pytest.raises(InputError) as caught:
        parse_target(text, file_format, export_folder)
    assert list(caught.value.errors) == ["target"]
    return caught.value.errors["target"][0]


@pytest.mark.parametrize(
    ("name", "file_format", "chosen", "compressed"),
    [
        ("issues.ndjson", None, "ndjson", False),
        ("issues.JSONL", None, "ndjson", False),
        ("issues.csv", None, "csv", False),
        ("issues.csv.gz", None, "csv", True),
        ("issues.jsonl.gz", None, "ndjson", True),
        ("issues.parquet", None, "parquet", False),
        ("issues.arrow", None, "arrow", False),
        ("issues.txt", "csv", "csv", False),
        ("issues.csv", "ndjson", "ndjson", False),
        ("issues.gz", "csv", "csv", True),
    ],
)
def test_the_end_of_the_name_tells_the_format(tmp_path, name, file_format, chosen, compressed):
    """The input `format` wins over the name; .gz compresses."""
    for text in (str(tmp_path / name), f"s3://bucket/{name}"):
        target = parse_target(text, file_format, None)
        assert (target.format, target.compressed) == (chosen, compressed)


@pytest.mark.parametrize("name", ["issues", "issues.txt", "issues.gz", "csv", "x.csv.bak"])
def test_a_name_that_tells_no_format_is_refused(tmp_path, name):
    """The message says which ends are known."""
    assert ".ndjson, .jsonl, .csv, .parquet, .arrow" in _refused(str(tmp_path / name))


def test_columns_are_not_compressed_twice(tmp_path):
    """Parquet and Arrow compress inside."""
    assert ".gz" in _refused(str(tmp_path / "issues.parquet.gz"))


def test_local_files_are_named_by_path_or_file_url(tmp_path, monkeypatch):
    """Relative paths start where the host runs; a file URL is unquoted; links in the folder are followed."""
    (tmp_path / "my data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "my data")
    monkeypatch.chdir(tmp_path)
    path = tmp_path.resolve() / "my data" / "a.csv"
    for text in (
        "my data/a.csv",
        "link/a.csv",
        str(path),
        f"file://{tmp_path}/my%20data/a.csv",
        "./my data/../link/a.csv",
    ):
        target = parse_target(text, None, None)
        assert (target.path, target.url, target.shown) == (path, None, str(path))


@pytest.mark.parametrize("text", ["file://server/share/a.csv", "file:///a.csv::x.csv", "file://relative.csv"])
def test_a_file_url_means_this_machine(text):
    """Another machine's files, and chains, are refused."""
    assert "file URL" in _refused(text)


def test_a_target_is_a_file_in_a_folder_that_is_there(tmp_path):
    """No folders are made, and none is replaced."""
    assert "not there" in _refused(str(tmp_path / "no" / "a.csv"))
    (tmp_path / "a.csv").mkdir()
    for text in (str(tmp_path / "a.csv"), f"{tmp_path}/b.csv/", f"{tmp_path}/..", "s3://bucket/a.csv/", "s3://"):
        assert "not a folder" in _refused(text)
    assert "not there" in _refused("a\0b/c.csv")


@pytest.mark.parametrize(
    "text", ["zip://a.csv::s3://bucket/b.zip", "simplecache::s3://b/a.csv", "local:///etc/a.csv", "LOCAL://a.csv"]
)
def test_urls_that_hide_others_are_refused(text):
    """A chain, or another name of the local files, would lead around what the settings allow."""
    assert "must be one URL" in _refused(text)


def test_what_is_shown_has_no_credentials():
    """Names, passwords, signatures and fragments are left out of what people see; so is the URL of every repr."""
    target = parse_target("ftp://user:CANARY@host:21/in/a.csv?sig=CANARY#CANARY", None, None)
    assert target.shown == "ftp://host:21/in/a.csv?***"
    assert target.url == "ftp://user:CANARY@host:21/in/a.csv?sig=CANARY#CANARY"
    assert "CANARY" not in repr(target)
    assert parse_target("ftp://u:CANARY@h/a.csv#CANARY", None, None).shown == "ftp://h/a.csv"
    assert "CANARY" not in _refused("ftp://user:CANARY@host/a.txt")
    assert "CANARY" not in _refused("ftp://[CANARY/a.csv")


def test_a_folder_of_the_settings_holds_all_local_targets(tmp_path):
    """Neither steps upwards, nor links, nor other ways to write a path lead out of it."""
    folder = tmp_path / "exports"
    (folder / "inside").mkdir(parents=True)
    (tmp_path / "exports-other").mkdir()
    (folder / "out").symlink_to(tmp_path)
    for allowed in (str(folder), f"{folder}/", f"file://{folder}"):
        for text in ("a.csv", "inside/a.csv", f"{folder}/a.csv", "inside/../a.csv", f"file://{folder}/a.csv"):
            path = parse_target(text, None, allowed).path
            assert path is not None
            assert path.is_relative_to(folder.resolve())
        for text in (
            "../a.csv", "out/a.csv", f"{tmp_path}/a.csv", f"{tmp_path}/exports-other/a.csv", "inside/../../a.csv",
            f"file://{folder}/%2e%2e/a.csv", "s3://bucket/a.csv", "memory://a.csv",
        ):  # fmt: skip
            assert "exportFolder" in _refused(text, export_folder=allowed)


def test_a_url_of_the_settings_holds_all_targets():
    """Only URLs that begin with it are taken, and those that lead upwards are not."""
    allowed = "s3://bucket/exports"
    for folder in (allowed, f"{allowed}/"):
        assert parse_target(f"{allowed}/2026/a.csv", None, folder).url == f"{allowed}/2026/a.csv"
        for text in (
            "s3://bucket/a.csv", "s3://bucket/exports-other/a.csv", f"{allowed}/../a.csv", f"{allowed}/%2E./a.csv",
            f"{allowed}/x/..%2fa/../a.csv", "gs://bucket/exports/a.csv", "/data/a.csv", "a.csv",
        ):  # fmt: skip
            assert "exportFolder" in _refused(text, export_folder=folder)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sftp://u:CAN/ARY@host/a.csv", "sftp://***@host/a.csv"),
        ("sftp://u:CAN@ARY@host/a.csv", "sftp://host/a.csv"),
        ("sftp://u:CAN#ARY@host/a.csv", "sftp://host/a.csv"),
        ("sftp://u:CAN?ARY@host/a.csv", "sftp://***?***"),
        ("sftp://host:22/a/b.csv", "sftp://host:22/a/b.csv"),
        ("s3://bucket/me@home/a.csv", "s3://bucket/me@home/a.csv"),
    ],
)
def test_a_password_is_hidden_whatever_is_in_it(url, shown):
    """Keys of object stores have slashes in them; a path is not hidden where no password can be before it."""
    assert parse_target(url, "csv", None).shown == shown


@pytest.mark.parametrize("character", ["%00", "%0A", "%7F"])
def test_control_characters_are_refused_however_they_are_written(tmp_path, character):
    """A path cannot have all of them, and no message shall have a line break in it."""
    assert "control characters" in _refused(f"file://{tmp_path}/a{character}b.csv")


def test_a_name_that_is_too_long_is_refused(tmp_path):
    """What the file system says of it is the caller's to mend."""
    assert "too long" in _refused(str(tmp_path / f"{'a' * 300}.csv"))
