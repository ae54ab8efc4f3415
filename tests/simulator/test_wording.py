from __future__ import annotations

from vantage_jira_plugin.simulator.wording import document_text, number_text


def test_plain_text_of_a_document() -> None:
    """Text, breaks, mentions, emoji, cards and states count; blocks end lines."""
    document = {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "text", "text": "Hello "},
                    {"type": "mention", "attrs": {"id": "1", "text": "@Mara"}},
                    {"type": "hardBreak"},
                    {"type": "emoji", "attrs": {"shortName": ":smile:"}},
                    {"type": "status", "attrs": {"text": "late", "color": "red"}},
                ],
            },
            {"type": "blockCard", "attrs": {"url": "https://example.com"}},
        ],
    }
    assert document_text(document) == "Hello @Mara\n:smile:late\nhttps://example.com"
    assert document_text(None) == ""


def test_numbers() -> None:
    """Whole numbers have no point."""
    assert (number_text(3.0), number_text(2.5)) == ("3", "2.5")
