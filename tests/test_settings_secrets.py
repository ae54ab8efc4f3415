from __future__ import annotations

import logging
import traceback

import pytest

from tests.givensettings import loaded, refused

_CANARY = "canary-4f1d-secret"


def _everything(error):
    """Return all that a log could show of an exception, and of every other that it leads to."""
    shown = ["".join(traceback.format_exception(error))]
    pending: list[BaseException | None] = [error]
    while pending:
        one = pending.pop()
        if one is not None:
            shown += [str(one), repr(one), repr(one.args), repr(vars(one)), repr(getattr(one, "__notes__", ""))]
            pending += [one.__cause__, one.__context__]
    return "\n".join(shown)


@pytest.mark.parametrize(
    "wrong",
    [
        {"encryptedRecord": _CANARY},
        {"encryptedRecord": [_CANARY]},
        {"encryptedRecord": {"accessToken": [_CANARY], "refreshToken": _CANARY}},
        {"encryptedRecord": {"accessToken": _CANARY, "tokenExpiry": _CANARY}},
        {"encryptedRecord": {"refreshToken": _CANARY, "obtainedAt": _CANARY}},
        {"encryptedRecord": {"refreshToken": _CANARY}, "serviceId": None},
        {"encryptedRecord": {"refreshToken": _CANARY}, "unknown": _CANARY},
        {"accessToken": f"{_CANARY} {_CANARY}"},
        {"accessToken": [_CANARY]},
        {"accessToken": _CANARY * 2000},
        {"accessToken": _CANARY, "siteUrl": "https://["},
        {"tokenExpiry": _CANARY},
        {"cloudId": f"{_CANARY}/"},
        {"siteUrl": f"https://me:{_CANARY}@acme.atlassian.net"},
        {"retryAfter": _CANARY},
        {"readOnly": _CANARY},
        {"allowedProjects": [f"{_CANARY} x"]},
    ],
    ids=range(17),
)
def test_no_secret_is_in_an_error(wrong, caplog):
    """Neither text, arguments and traceback of the error, nor any exception behind it, quotes a value."""
    caplog.set_level(logging.DEBUG)
    error = refused(**wrong)
    assert error.errors
    assert _CANARY not in _everything(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert caplog.records == []


@pytest.mark.parametrize(
    "values",
    [
        {"encryptedRecord": {"accessToken": _CANARY, "refreshToken": _CANARY, "owner": _CANARY}},
        {"encryptedRecord": "sealed"},
        {"accessToken": _CANARY},
    ],
    ids=range(3),
)
def test_no_secret_is_in_the_settings_repr(values, caplog):
    """Settings may be logged whole; what they seed stays out of sight."""
    caplog.set_level(logging.DEBUG)
    settings = loaded(lambda _: {"accessToken": _CANARY, "refreshToken": _CANARY}, **values)
    assert settings.seed.access_token == _CANARY
    assert _CANARY not in f"{settings!r} {settings} {settings.seed!r} {[settings]}"
    assert "jira_service_001" in repr(settings)
    assert caplog.records == []


@pytest.mark.parametrize("answer", [None, [], "text", 7, {"tokenExpiry": _CANARY}, {"obtainedAt": 1e300}])
def test_what_the_host_opens_must_be_a_record(answer):
    """Otherwise the setting is named, and nothing of the content told."""
    error = refused(lambda _: answer, encryptedRecord="sealed")
    assert list(error.errors) == ["encryptedRecord"]
    assert "cannot be opened" in error.message
    assert _CANARY not in _everything(error)
