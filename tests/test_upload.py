from __future__ import annotations

from vantage_jira_plugin.upload import Upload

_FILE = Upload("file", "a.txt", b"secret content", "text/plain")


def test_a_file_is_described_without_its_content():
    """Neither what people are shown nor the repr has it."""
    assert _FILE.described() == {"fileName": "a.txt", "sizeBytes": 14, "mimeType": "text/plain"}
    assert "secret" not in repr(_FILE)


def test_a_file_is_the_one_part_of_a_form():
    """As requests takes it, whole, so that it can be sent again."""
    assert _FILE.form() == {"file": ("a.txt", b"secret content", "text/plain")}


def test_contents_are_told_apart():
    """By content alone, whatever the name."""
    assert _FILE.sha256 == Upload("file", "b.txt", b"secret content", "image/png").sha256
    assert _FILE.sha256 != Upload("file", "a.txt", b"secret contenT", "text/plain").sha256
