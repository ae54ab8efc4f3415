"""Settings as a host gives them: loaded, or refused. No expectations."""

from __future__ import annotations

import pytest

from tests.memoryhost import settings_for
from vantage_jira_plugin.errors import SettingsError
from vantage_jira_plugin.settings import load_settings

__all__ = ["NAMES", "closed", "loaded", "refused"]

#: The eight settings that the product names, in its order.
NAMES = [
    "encryptedRecord",
    "serviceId",
    "clientId",
    "credentialId",
    "accessToken",
    "tokenExpiry",
    "cloudId",
    "retryAfter",
]


def closed(sealed):
    """A host that cannot open anything and says too much about it."""
    raise ValueError(sealed)


def loaded(open_record=closed, **values):
    """Return the settings that these values make, beside those that are always needed."""
    return load_settings(settings_for(None) | values, open_record)


def refused(open_record=closed, **values):
    """Return why these values make no settings."""
    with pytest.raises(SettingsError) as caught:
        loaded(open_record, **values)
    return caught.value
