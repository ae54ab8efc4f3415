from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.host.keys import EnvironmentKeys
from vantage_jira_plugin.host.sealing import Sealer, SealingKey

OLD, NEW = SealingKey(b"o" * 32), SealingKey(b"n" * 32)
RECORD = {"accessToken": "CANARY-access", "refreshToken": "CANARY-refresh", "cloudId": None}


def sealer(*keys):
    """Return a sealer with these keys, newest first."""
    return Sealer(EnvironmentKeys(keys))


@given(st.text(), st.dictionaries(st.text(), st.none() | st.text() | st.integers() | st.booleans()))
def test_any_record_comes_back_as_it_was(credential_id, record):
    """Opening returns what was sealed, whatever the record and the credential's id hold."""
    sealed = sealer(NEW).seal(credential_id, record)
    assert sealer(NEW).open(sealed, credential_id=credential_id) == record


def test_the_sealed_text_has_four_parts_and_shows_nothing():
    """The text is `vantage1.<key id>.<nonce>.<ciphertext>` and holds no token."""
    sealed = sealer(NEW).seal("c1", RECORD)
    form, key_id, nonce, _ = sealed.split(".")
    assert (form, key_id, len(base64.urlsafe_b64decode(nonce))) == ("vantage1", NEW.id, 12)
    assert "CANARY" not in sealed


def test_the_same_record_is_never_sealed_the_same_way():
    """Every seal takes a nonce of its own."""
    assert sealer(NEW).seal("c1", RECORD) != sealer(NEW).seal("c1", RECORD)


@given(st.data())
def test_no_character_can_be_changed(data):
    """Any other character at any place makes the record unreadable, without an unexpected error."""
    sealed = sealer(NEW).seal("c1", RECORD)
    place = data.draw(st.integers(0, len(sealed) - 1))
    character = data.draw(st.characters(codec="utf-8").filter(lambda one: one != sealed[place]))
    with pytest.raises(ValueError, match="record"):
        sealer(NEW).open(sealed[:place] + character + sealed[place + 1 :])


@given(st.text())
def test_any_other_text_is_refused(text):
    """What is no sealed record at all is refused with a ValueError."""
    with pytest.raises(ValueError, match="record"):
        sealer(NEW).open(text)


def test_a_record_of_another_credential_is_refused():
    """A sealed text that was copied to another row does not open there."""
    sealed = sealer(NEW).seal("c1", RECORD)
    with pytest.raises(ValueError, match="another credential"):
        sealer(NEW).open(sealed, credential_id="c2")


def test_an_unknown_key_is_named_by_its_id():
    """The error of a foreign record names the key that is missing and no secret."""
    sealed = sealer(OLD).seal("c1", RECORD)
    with pytest.raises(ValueError, match=OLD.id) as caught:
        sealer(NEW).open(sealed)
    assert "CANARY" not in str(caught.value)


def test_the_newest_key_seals_and_any_key_opens():
    """After a key was put in front, old records open and new ones use the new key."""
    both = sealer(NEW, OLD)
    old = sealer(OLD).seal("c1", RECORD)
    assert both.open(old, credential_id="c1") == RECORD
    assert not both.is_newest(old)
    assert both.is_newest(both.seal("c1", RECORD))


def test_a_key_shows_no_secret():
    """The repr of a key holds nothing of it."""
    assert base64.b64encode(b"n" * 32).decode() not in repr(NEW)
    assert "nnnn" not in repr(NEW)


@pytest.mark.parametrize("text", ["", "short", "c2hvcnQ=", "ä" * 44, "*" * 44])
def test_what_is_no_key_is_refused_without_repeating_it(text):
    """A key that is not 32 bytes of base64 is refused; the text is not in the error."""
    with pytest.raises(ValueError, match="sealing key") as caught:
        SealingKey.from_text(text)
    assert not text or text not in str(caught.value)


def test_a_key_may_be_written_in_either_base64_alphabet():
    """Standard and url-safe base64 are the same key."""
    secret = b"\xfb\xff" * 16
    standard, safe = base64.b64encode(secret).decode(), base64.urlsafe_b64encode(secret).decode()
    assert SealingKey.from_text(standard) == SealingKey.from_text(safe) == SealingKey(secret)
