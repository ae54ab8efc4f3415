from __future__ import annotations

import json
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.strategies import json_values
from vantage_jira_plugin.auth.record import CredentialRecord, PendingConsent

_EXPIRY = datetime(2026, 1, 31, 9, 30, tzinfo=UTC).timestamp()
_SECRETS = ("access-secret", "refresh-secret", "state-secret", "verifier-secret", "note-secret")

FULL = CredentialRecord(
    access_token="access-secret",
    refresh_token="refresh-secret",
    cloud_id="11111111-2222-3333-4444-555555555555",
    expires_at=_EXPIRY,
    obtained_at=_EXPIRY - 3600,
    scopes=("read:jira-work", "offline_access"),
    site_name="Acme",
    site_url="https://acme.atlassian.net",
    refused="grant_refused",
    pending=PendingConsent("state-secret", "verifier-secret", "http://127.0.0.1/callback", _EXPIRY + 600),
    notes={"hostNote": {"owner": ["note-secret"]}},
)

_texts = st.none() | st.text(min_size=1, max_size=20)
_tokens = st.none() | st.from_regex(r"[\x21-\x7e]{1,20}", fullmatch=True)
#: Milliseconds up to the year 2239: as seconds, a float still tells them apart.
_moments = st.none() | st.integers(min_value=0, max_value=8_500_000_000_000).map(lambda ms: ms / 1000)
_records = st.builds(
    CredentialRecord,
    access_token=_tokens,
    refresh_token=_tokens,
    cloud_id=st.none() | st.from_regex(r"[A-Za-z0-9-]{1,36}", fullmatch=True),
    expires_at=_moments,
    obtained_at=_moments,
    scopes=st.none() | st.lists(st.text(max_size=10), max_size=4).map(tuple),
    site_name=_texts,
    site_url=_texts,
    refused=_texts,
    pending=st.none()
    | st.builds(
        PendingConsent,
        state=st.text(min_size=1, max_size=10),
        code_verifier=st.text(min_size=1, max_size=10),
        redirect_uri=st.text(min_size=1, max_size=10),
        expires_at=_moments.filter(lambda moment: moment is not None),
    ),
    notes=st.dictionaries(
        st.sampled_from(["hostNote", "tenant", ""]), json_values().filter(lambda value: repr(value).find("nan") < 0)
    ),
)


def test_the_stored_form_has_the_four_names_and_notes():
    """The contract's names are always there, our notes only where there is something to note."""
    assert CredentialRecord().to_json() == {
        "accessToken": None,
        "refreshToken": None,
        "cloudId": None,
        "tokenExpiry": None,
    }
    stored = FULL.to_json()
    assert stored["tokenExpiry"] == "2026-01-31T09:30:00.000Z"
    assert stored["obtainedAt"] == "2026-01-31T08:30:00.000Z"
    assert stored["scopes"] == ["read:jira-work", "offline_access"]
    assert stored["hostNote"] == {"owner": ["note-secret"]}
    assert stored["pendingConsent"] == {
        "state": "state-secret",
        "codeVerifier": "verifier-secret",
        "redirectUri": "http://127.0.0.1/callback",
        "expiresAt": "2026-01-31T09:40:00.000Z",
    }
    assert json.loads(json.dumps(stored)) == stored


@given(_records)
def test_a_record_survives_the_store(record):
    """What was written is read back, unknown names among it, also through JSON text."""
    stored = record.to_json()
    assert CredentialRecord.from_json(stored) == record
    assert CredentialRecord.from_json(json.loads(json.dumps(stored))) == record


@given(st.dictionaries(st.sampled_from([*FULL.to_json(), "other"]), json_values(*FULL.to_json()["pendingConsent"])))
def test_any_record_is_read_or_refused(data):
    """Values of a wrong kind count as not there; a time that is none is a ValueError and nothing else."""
    try:
        record = CredentialRecord.from_json(data)
    except ValueError:
        return
    stored = record.to_json()
    again = CredentialRecord.from_json(stored).to_json()
    assert repr(again) == repr(stored)
    other = data.get("other")
    assert stored.get("other") is other or stored.get("other") == other


def test_a_record_that_cannot_be_written_to_is_read():
    """A host may give a record that is read-only all the way down; what is stored again is plain JSON data."""

    def frozen(value):
        if isinstance(value, dict):
            return MappingProxyType({name: frozen(inner) for name, inner in value.items()})
        return tuple(map(frozen, value)) if isinstance(value, list) else value

    record = CredentialRecord.from_json(frozen(FULL.to_json()))
    assert record == FULL
    assert json.loads(json.dumps(record.to_json())) == FULL.to_json()


def test_empty_texts_count_as_not_there():
    """A host that stores empty texts for missing values has no token."""
    record = CredentialRecord.from_json({"accessToken": "", "refreshToken": "", "cloudId": "", "tokenExpiry": None})
    assert record == CredentialRecord()


@pytest.mark.parametrize(
    "pending",
    [
        None,
        "state",
        {},
        {"state": "s", "codeVerifier": "v", "redirectUri": "r"},
        {"state": "s", "codeVerifier": "v", "redirectUri": "r", "expiresAt": "soon"},
        {"state": "s", "codeVerifier": "v", "redirectUri": "r", "expiresAt": 1e300},
        {"state": "", "codeVerifier": "v", "redirectUri": "r", "expiresAt": 1},
        {"state": "s", "codeVerifier": 1, "redirectUri": "r", "expiresAt": 1},
    ],
)
def test_an_unreadable_consent_is_no_consent(pending):
    """A consent under way that cannot be checked later is forgotten, and the rest stays readable."""
    assert CredentialRecord.from_json({"accessToken": "a", "pendingConsent": pending}).pending is None


def test_no_secret_is_shown():
    """Tokens, state, verifier and foreign notes are in no repr or text of a record."""
    shown = f"{FULL!r} {FULL} {FULL.pending!r} {[FULL]}"
    for secret in _SECRETS:
        assert secret not in shown
    assert "Acme" in shown


@pytest.mark.parametrize(
    ("life", "leeway"),
    [(3600, 60), (600, 60), (599, 59.9), (100, 10), (5, 0.5), (1, 0.1), (0, 0), (-10, 0), (None, 60)],
)
def test_the_leeway_fits_the_life_of_the_token(life, leeway):
    """An hour's token is renewed a minute early, a short one in the last tenth of its life."""
    obtained_at = None if life is None else _EXPIRY - life
    record = CredentialRecord(access_token="a", expires_at=_EXPIRY, obtained_at=obtained_at)
    assert record.leeway_seconds == pytest.approx(leeway)


def test_a_token_is_due_shortly_before_it_expires():
    """Not before the leeway begins, and from then on."""
    record = CredentialRecord(access_token="a", expires_at=_EXPIRY, obtained_at=_EXPIRY - 3600)
    assert not record.is_due(_EXPIRY - 60.1)
    assert record.is_due(_EXPIRY - 60)
    assert record.is_due(_EXPIRY + 1)


def test_a_record_without_a_token_is_due():
    """No token is no use; no known expiry means that Jira is asked first."""
    assert CredentialRecord(expires_at=_EXPIRY).is_due(0)
    assert not CredentialRecord(access_token="a").is_due(_EXPIRY)


@given(life=st.floats(min_value=0.5, max_value=100_000), now=st.floats(min_value=0, max_value=4e9))
def test_a_fresh_token_is_not_due(life, now):
    """However short it lives, a token is used for most of its life and is due when it is over."""
    record = CredentialRecord().with_token({"access_token": "a", "expires_in": life}, now=now)
    assert not record.is_due(now)
    assert not record.is_due(now + life * 0.85) if life < 600 else not record.is_due(now + life - 61)
    assert record.is_due(now + life)


def test_a_new_token_replaces_the_old():
    """Both tokens, expiry and scopes are those of the answer; site and notes stay; the refusal is over."""
    token = {
        "access_token": "new-access",
        "refresh_token": "new-refresh",
        "expires_in": 3600,
        "scope": "read:jira-work  write:jira-work",
        "token_type": "Bearer",
    }
    record = FULL.with_token(token, now=_EXPIRY)
    assert (record.access_token, record.refresh_token) == ("new-access", "new-refresh")
    assert (record.obtained_at, record.expires_at) == (_EXPIRY, _EXPIRY + 3600)
    assert record.scopes == ("read:jira-work", "write:jira-work")
    assert record.refused is None
    assert (record.cloud_id, record.site_url, record.notes) == (FULL.cloud_id, FULL.site_url, FULL.notes)


@pytest.mark.parametrize("more", [{}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": 7}])
def test_the_refresh_token_is_kept_where_the_answer_has_none(more):
    """Only an answer with a new one ends the old one's life."""
    record = FULL.with_token({"access_token": "new-access", **more}, now=_EXPIRY)
    assert record.refresh_token == "refresh-secret"
    assert record.scopes == FULL.scopes


@pytest.mark.parametrize("token", [{}, {"access_token": None}, {"access_token": ""}, {"access_token": ["a"]}])
def test_an_answer_without_an_access_token_is_refused(token):
    """Such an answer replaces nothing."""
    with pytest.raises(ValueError, match="without an access token"):
        FULL.with_token({"refresh_token": "new-refresh", **token}, now=_EXPIRY)


@pytest.mark.parametrize(
    ("expires_in", "life"),
    [
        (3600, 3600),
        ("3600", 3600),
        (1.5, 1.5),
        (0, 0),
        (None, None),
        ("soon", None),
        ([], None),
        (-5, None),
        (float("inf"), None),
        (float("nan"), None),
        ("1e999", None),
        (1e300, None),
        (10**400, None),
    ],
    ids=range(13),
)
def test_the_life_of_a_token_is_read(expires_in, life):
    """A life that makes no sense is not known; the record stays one that can be stored."""
    record = FULL.with_token({"access_token": "a", "expires_in": expires_in}, now=_EXPIRY)
    assert record.expires_at == (None if life is None else _EXPIRY + life)
    assert CredentialRecord.from_json(record.to_json()) == record


@pytest.mark.parametrize("value", ["../x", "a/b", "a b", "x" * 65, "?", "%2e"])
def test_a_cloud_id_that_could_change_the_path_is_refused(value):
    """What goes into the path of every request is letters, digits and hyphens."""
    with pytest.raises(ValueError, match="cloudId"):
        CredentialRecord.from_json({"cloudId": value})
