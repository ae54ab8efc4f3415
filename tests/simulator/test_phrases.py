from __future__ import annotations

import random

from vantage_jira_plugin.simulator.documents import is_document
from vantage_jira_plugin.simulator.phrases import descriptions, remarks


def _dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - test data


def test_what_is_said_is_written_in_good_documents() -> None:
    """Descriptions and remarks keep the rules of Atlassian's format, and differ."""
    for said in (descriptions(_dice(0)), remarks(_dice(0))):
        assert all(is_document(document) for document in said)
        assert len({str(document) for document in said}) > 50


def test_the_same_dice_say_the_same() -> None:
    """Nothing but the dice decides."""
    assert descriptions(_dice(1)) == descriptions(_dice(1)) != descriptions(_dice(2))
