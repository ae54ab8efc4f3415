from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.consent import AuthorizeRequest
from vantage_jira_plugin.simulator.messages import Request
from vantage_jira_plugin.simulator.tokenwire import (
    TokenRefusalError,
    bearer_token,
    parameters_of,
    verifier_fits,
)

JSON = {"content-type": "application/json; charset=utf-8"}
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=4,
)


@given(st.binary(max_size=60) | _ANY_JSON.map(lambda data: json.dumps(data).encode()))
def test_any_body_is_an_object_or_refused(body):
    """Nothing but a JSON object is read, and nothing but the recorded refusal comes of the rest."""
    request = Request("POST", "/oauth/token", headers=JSON, body=body)
    try:
        parameters = parameters_of(request)
    except TokenRefusalError as refusal:
        assert refusal.response().status == 400
    else:
        assert parameters == json.loads(body)
        assert isinstance(parameters, dict)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer ", None),
        ("Bearer", None),
        ("", None),
    ],
)
def test_bearer_token_is_read_strictly(header, token):
    """The scheme's case does not matter, its name does."""
    assert bearer_token(Request("GET", "/", headers={"authorization": header})) == token


@given(st.text(UNRESERVED, min_size=43, max_size=128), st.text(UNRESERVED, min_size=43, max_size=128))
def test_only_the_right_verifier_fits(verifier, other):
    """A challenge is met by its verifier and by no other."""
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    asked = AuthorizeRequest("app", "http://localhost/", frozenset(), "state", challenge, "S256")
    assert verifier_fits(asked, verifier)
    assert verifier_fits(asked, other) is (other == verifier)
