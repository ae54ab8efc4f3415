from __future__ import annotations

import pytest

from tests.reading.recorded import needs_recordings, recorded
from vantage_jira_plugin.fields.info import FieldInfo
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS, SYSTEM_FIELDS, needs_catalogue


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        (DEFAULT_ISSUE_FIELDS, False),
        ((), False),
        (("id", "key", "url"), False),
        (("summary", "-status"), False),
        (("-description",), True),
        (("*all",), True),
        (("*navigable", "comment"), True),
        (("summary", "Team"), True),
        (("Summary",), True),
        (("customfield_10001",), True),
    ],
)
def test_the_catalogue_is_needed_for_all_but_system_field_ids(fields, needed):
    """Nobody asks the site for fields that are the same everywhere."""
    assert needs_catalogue(fields) is needed


def test_every_default_field_is_known():
    """The default table needs no request for fields."""
    assert set(DEFAULT_ISSUE_FIELDS) <= SYSTEM_FIELDS.keys()


@needs_recordings
def test_the_table_agrees_with_a_recorded_site():
    """Names, types and navigability are what a live site of 2026 answers."""
    for data in recorded("cloud-v3-oauth-gateway/nango-fields.json")[0]["body"]:
        field = FieldInfo.from_json(data)
        if field.custom:
            continue
        known = SYSTEM_FIELDS[field.id]
        assert (known.name, known.navigable) == (field.name, field.navigable)
        assert (known.schema_type, known.items) == (field.schema_type, field.items)
