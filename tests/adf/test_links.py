from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adf.documents import doc, link, paragraph, text
from vantage_jira_plugin.adf import from_markdown
from vantage_jira_plugin.adf.links import is_accepted, is_plain_address


@pytest.mark.parametrize(
    "href",
    ["http://a.b", "HTTPS://A.B", "ftp://a", "ftps://a", "mailto:a@b.cd", "tel:+49-30", "/browse/A-1", "//a.b", "#x"],
)
def test_accepted(href):
    """Addresses that people follow become links."""
    assert is_accepted(href)


@pytest.mark.parametrize(
    "href",
    [
        *("", " ", "javascript:x", " JavaScript:x", "java\nscript:x", "data:text/html,x", "vbscript:x", "file:///x"),
        *("page.html", "std::string", "http:", "http://", "mailto:", "/", "#", "x http://a.b"),
    ],
)
def test_not_accepted(href):
    """Scripts, data and what is no address do not."""
    assert not is_accepted(href)


_PIECES = ("abc", "XYZ", "019", "/a", "/b.c", "?x=1", "#y", ":8", "&z=2", ",", "@", "+", "~", "_", "-", "%20", ".")


@given(
    st.lists(st.sampled_from(_PIECES), max_size=8)
    .map(lambda pieces: f"https://a{''.join(pieces)}z")
    .filter(is_plain_address)
)
def test_plain_addresses_read_back_as_they_are(href):
    """What is printed as `<address>` is read as this link with this text."""
    assert from_markdown(f"<{href}>") == doc(paragraph(text(href, link(href))))
