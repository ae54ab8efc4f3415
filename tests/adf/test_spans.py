from __future__ import annotations

from tests.adf.documents import link, paragraph, text
from vantage_jira_plugin.adf.spans import card_address, inline_source, text_source, with_breaks


def test_blocks_inside_a_paragraph_keep_their_text():
    """Documents that break the schema are read by what they hold."""
    assert inline_source([paragraph("a"), paragraph(text("b", "strong")), {"type": "odd"}]) == "a\n**b**"


def test_empty_lines_stay_in_the_paragraph():
    """A line without text is a backslash, so that it does not end the paragraph."""
    assert inline_source([text("a\n \nb\n\n")]) == "a\n\\\nb"
    assert with_breaks("a\n\\\nb") == "a  \n\\\nb"


def test_neighbouring_links():
    """Links to different targets stay apart; texts of one link are one link."""
    nodes = [text("a", link("http://x.y")), text("b", "em", link("http://x.y")), text("c", link("http://z.z"))]
    assert inline_source(nodes) == "[a*b*](http://x.y)[c](http://z.z)"


def test_card_addresses():
    """Cards show their address, or what their data or source names."""
    assert card_address({"attrs": {"data": {"name": "n"}}}) == "n"
    assert card_address({"attrs": {"datasource": {"id": "d"}}}) == "d"
    assert card_address({}) == ""


def test_text_source():
    """Plain text becomes markdown that shows it."""
    assert text_source("*a*") == r"\*a\*"
