from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.tiny_jira import TINY_ROUTES
from vantage_jira_plugin.simulator.routing import Found, Router

ROUTER = Router(TINY_ROUTES)


def test_literal_wins_over_parameter():
    """`project/search` is not a project called search."""
    assert ROUTER.find("GET", "/rest/api/3/project/search").route.template.endswith("project/search")
    found = ROUTER.find("GET", "/rest/api/3/project/OPS")
    assert found.parameters == {"projectIdOrKey": "OPS"}


def test_known_path_with_another_method_names_the_methods():
    """The methods that the path has come back instead of an operation."""
    assert ROUTER.find("PATCH", "/rest/api/3/issue/OPS-1") == {"GET", "PUT"}


@pytest.mark.parametrize(
    "path", ["/rest/api/3/nope", "/rest/api/3", "/", "", "/rest/api/3/issue/", "/rest/api/3/myself/"]
)
def test_unknown_path_has_no_methods(path):
    """A path that no operation has is told by an empty set."""
    assert ROUTER.find("GET", path) == frozenset()


def test_two_operations_in_one_place_are_refused():
    """A method and template can be taken only once."""
    with pytest.raises(ValueError, match="two operations for GET"):
        Router([TINY_ROUTES[0], TINY_ROUTES[0]])


@given(st.text(min_size=1, max_size=20).filter(lambda text: "\x00" not in text))
def test_parameter_arrives_decoded(value):
    """Whatever a client puts percent-encoded into one segment arrives as it was."""
    path = f"/rest/api/3/issue/{quote(value, safe='')}"
    found = ROUTER.find("GET", path)
    assert isinstance(found, Found)
    assert found.parameters == {"issueIdOrKey": value}
