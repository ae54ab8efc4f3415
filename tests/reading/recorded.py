"""Where recorded Jira payloads lie, beside the repository. No copies of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "jira" / "recorded"
needs_recordings = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded payloads are not beside the repository")


def recorded(path: str) -> Any:
    """Return one recorded file as JSON data; of a `.jsonl` file, its lines as a list."""
    text = (RECORDED / path).read_text(encoding="utf-8")
    if path.endswith(".jsonl"):  # one object a line; a text in it may hold other line ends
        return [json.loads(line) for line in text.split("\n") if line]
    return json.loads(text)
