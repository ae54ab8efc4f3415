from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from vantage_jira_plugin.adf.parser import parse


def test_tokens_of_our_own():
    """Mentions and link definitions are tokens, with what is needed to write them."""
    definition, _, paragraph, _ = parse("[a]: http://b.c\n[~accountid:5b10] [a]")
    assert (definition.type, definition.content, definition.meta["id"]) == ("definition", "[a]: http://b.c", "A")
    assert (paragraph.children[0].type, paragraph.children[0].meta) == ("mention", {"id": "5b10"})
    assert paragraph.children[2].meta == {"label": "A"}


def test_break_of_a_cell():
    """`<br>` is a line break in a table's cell and text elsewhere."""
    kinds = [[child.type for child in token.children] for token in parse("a<br>b\n\n|a<BR />b|\n|-|") if token.children]
    assert kinds == [["text"], ["text", "hardbreak", "text"]]


def test_threads_share_the_parser():
    """Many threads parse at once, the first parse included."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: len(parse("- **a**\n\n> b\n")), range(64)))
    assert set(found) == {12}
