from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.simulator.test_consent import CALLBACK, answer_of, authorize_url
from tests.simulator.tiny_jira import send

RECORDED = Path(__file__).parents[3] / "shared" / "jira" / "recorded" / "observed-2026-10-08"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
INVALID_CODE = {"error": "invalid_grant", "error_description": "Invalid authorization code"}
INVALID_REFRESH = {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}
UNREADABLE = {"error": "invalid_request", "error_description": "Incorrect request parameters"}


def code_of(simulator, **changes):
    """Return a code, as after a consent."""
    return answer_of(simulator.consent(authorize_url(simulator, **changes)))["code"]


def redeem(client, code, **changes):
    """Exchange a code, with changes to what the app sends."""
    parameters = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes}
    return client.token(parameters)


def test_code_becomes_tokens_once(tiny, client):
    """A code gives a pair that works; the second time it gives nothing."""
    code = code_of(tiny)
    answer = redeem(client, code)
    grant = answer.json()
    assert answer.status == 200
    assert grant.keys() == {"access_token", "refresh_token", "expires_in", "scope", "token_type"}
    assert (grant["token_type"], grant["expires_in"]) == ("Bearer", 3600)
    assert grant["scope"].split() == ["offline_access", "read:jira-work"]
    client.grant = grant
    assert client.call("issue/OPS-1").status == 200
    again = redeem(client, code)
    assert (again.status, again.json()) == (403, INVALID_CODE)


def test_code_lives_five_minutes(tiny, client):
    """Shortly before its end a code works, at its end it does not."""
    early, late = code_of(tiny), code_of(tiny)
    tiny.clock.advance(290)
    assert redeem(client, early).status == 200
    tiny.clock.advance(15)
    assert redeem(client, late).status == 403


def test_code_is_bound_to_its_callback(tiny, client):
    """The callback URL must be the one of the authorize request."""
    assert redeem(client, code_of(tiny), redirect_uri=f"{CALLBACK}/").status == 403


def test_grant_belongs_to_who_consented(tiny, client):
    """The account is the one at the browser when the page was answered."""
    tiny.authorization.account_id = "712020:grace"
    code = code_of(tiny)
    tiny.authorization.account_id = None
    client.grant = redeem(client, code).json()
    assert client.call("issue/OPS-1").json()["account"] == "712020:grace"


@pytest.mark.parametrize(
    ("challenge", "verifier", "status"),
    [
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, VERIFIER, 200),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, "w" * 43, 403),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S256"}, None, 200),
        ({"code_challenge": VERIFIER}, VERIFIER, 200),
        ({}, VERIFIER, 200),
    ],
)
def test_pkce_is_checked_where_both_sides_use_it(tiny, client, challenge, verifier, status):
    """A wrong verifier is refused; a missing one is not, as with Atlassian."""
    code = code_of(tiny, **challenge)
    changes = {} if verifier is None else {"code_verifier": verifier}
    assert redeem(client, code, **changes).status == status


def test_no_refresh_token_without_offline_access(tiny, client):
    """A consent without `offline_access` gives an access token only."""
    assert "refresh_token" not in redeem(client, code_of(tiny, scope="read:jira-work")).json()


def test_refresh_rotates_and_replay_ends_everything(tiny, client):
    """Over HTTP: a pair, a new pair, leave within ten minutes, the end of the family after them."""
    first = client.refresh()
    assert first.status == 200
    assert client.refresh().status == 200
    tiny.clock.advance(601)
    replayed = client.refresh()
    assert (replayed.status, replayed.json()) == (403, INVALID_REFRESH)
    assert tiny.authorization.replays == 1
    assert client.refresh(first.json()["refresh_token"]).status == 403
    client.grant = first.json()
    assert client.call("issue/OPS-1").status == 401
    assert (tiny.authorization.refreshes, len(tiny.authorization.families)) == (2, 1)


def test_revoked_grant_cannot_refresh(tiny, client):
    """A person who disconnects the app ends both tokens."""
    tiny.authorization.revoke(client.grant)
    assert (client.refresh().status, client.call("issue/OPS-1").status) == (403, 401)


@pytest.mark.parametrize(
    "changes", [{"client_secret": "wrong"}, {"client_secret": ""}, {"client_id": "other"}, {"client_secret": 1}]
)
def test_wrong_client_is_refused(tiny, client, changes):
    """A wrong secret or id is `access_denied` with 401, and spends nothing."""
    for parameters in (
        {"grant_type": "refresh_token", "refresh_token": client.grant["refresh_token"]},
        {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK},
        {"grant_type": "client_credentials"},
    ):
        answer = client.token({**parameters, **changes})
        assert answer.status == 401
        assert answer.json() == {"error": "access_denied", "error_description": "Unauthorized"}
    assert tiny.authorization.refreshes == 0


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"nope", {"Content-Type": "application/json"}),
        (b"\xff", {"Content-Type": "application/json"}),
        (b"[]", {"Content-Type": "application/json"}),
        (b'{"grant_type": "refresh_token"}', {}),
        (urlencode({"grant_type": "refresh_token"}).encode(), {"Content-Type": "application/x-www-form-urlencoded"}),
    ],
)
def test_unreadable_body_is_refused(tiny, body, headers):
    """Only a JSON object in a JSON request is read."""
    answer = send(f"{tiny.auth_url}/oauth/token", "POST", body=body, headers=headers)
    assert (answer.status, answer.json()) == (400, UNREADABLE)


@pytest.mark.parametrize(
    "parameters",
    [
        {"grant_type": "refresh_token"},
        {"grant_type": "refresh_token", "refresh_token": 7},
        {"grant_type": "authorization_code", "code": "x"},
    ],
)
def test_missing_parameter_is_refused(client, parameters):
    """Every documented parameter is required."""
    answer = client.token(parameters)
    assert (answer.status, answer.json()) == (400, UNREADABLE)


def test_service_account_gets_a_token_without_refresh(tiny, client):
    """`client_credentials` works for the service account's credential, not for the app's."""
    service = tiny.authorization.service_app
    answer = client.token(
        {"grant_type": "client_credentials", "client_id": service.client_id, "client_secret": service.client_secret}
    )
    assert answer.status == 200
    assert "refresh_token" not in answer.json()
    client.grant = answer.json()
    assert client.call("issue/OPS-1").status == 200


@pytest.mark.skipif(not RECORDED.exists(), reason="Atlassian's recorded answers are not in ../shared/jira")
@pytest.mark.parametrize("name", ["token_unreadable", "token_unsupported_grant"])
def test_refusals_equal_the_recorded_ones(tiny, name):
    """Status, body and the headers that matter are as recorded."""
    recorded = json.loads((RECORDED / f"{name}.json").read_text())
    sent = recorded["request"]["body"]
    body = sent.encode() if isinstance(sent, str) else json.dumps(sent).encode()
    answer = send(f"{tiny.auth_url}/oauth/token", "POST", body=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.json()) == (recorded["status"], recorded["body"])
    for header in ("content-type", "cache-control", "pragma", "expires", "server"):
        assert answer.headers[header] == recorded["headers"][header]
    assert len(answer.headers["atl-traceid"]) == 32


def test_only_post_asks_for_tokens(tiny):
    """Another method at the token endpoint, or another path, is none of its business."""
    assert send(f"{tiny.auth_url}/oauth/token").status == 405
    assert send(f"{tiny.auth_url}/oauth/other").status == 404
