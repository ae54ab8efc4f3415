from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.adf import documents
from vantage_jira_plugin.adf import from_markdown, to_markdown


@given(documents.documents)
def test_document_survives_markdown(document):
    """A document of what markdown can say comes back as it was."""
    source = to_markdown(document)
    assert documents.canonical(from_markdown(source)) == documents.canonical(document), source


@given(documents.markdown_texts)
def test_second_pass_changes_nothing(source):
    """Markdown that this room wrote is read and written again unchanged."""
    first = to_markdown(from_markdown(source))
    assert to_markdown(from_markdown(first)) == first


@given(st.lists(documents.marked(), min_size=1, max_size=5))
def test_marks_glued_together_keep_their_text(nodes):
    """Marked texts without white space between may lose a mark, never a character."""
    source = to_markdown(documents.doc(documents.paragraph(*nodes)))
    assert documents.plain(from_markdown(source)["content"]) == documents.plain(documents.paragraph(*nodes)), source
