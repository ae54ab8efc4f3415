from __future__ import annotations

import pytest

from tests.simulator.test_consent import answer_of, authorize_url
from tests.simulator.tiny_jira import FIRST
from vantage_jira_plugin.simulator import browser


def test_browser_follows_nothing(tiny):
    """The redirect is returned; the callback is not called (nobody listens there)."""
    location = browser.consent(authorize_url(tiny), accept=True, cloud_ids=[FIRST])
    assert answer_of(location)["code"]
    assert [entry.method for entry in tiny.requests] == ["GET", "POST"]


def test_browser_takes_a_redirect_without_a_page(tiny):
    """With auto consent there is no form to send."""
    tiny.auto_consent = True
    assert "code" in answer_of(browser.consent(authorize_url(tiny), accept=True, cloud_ids=None))
    assert len(tiny.requests) == 1


def test_error_page_is_an_error(tiny):
    """What the page says is in the error."""
    with pytest.raises(ValueError, match="audience must be"):
        browser.consent(authorize_url(tiny, audience="x"), accept=True, cloud_ids=None)
