from __future__ import annotations

import pytest

from vantage_jira_plugin.fields.info import FieldInfo
from vantage_jira_plugin.reading.companions import companions


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (("user", None, None), [("accountId", "string")]),
        (("array", "user", None), [("ids", "list")]),
        (("option", None, None), [("id", "string")]),
        (("array", "option", None), [("ids", "list")]),
        (("array", "json", "com.pyxis.greenhopper.jira:gh-sprint"), [("ids", "list"), ("active", "string")]),
        (("array", "string", None), []),
        (("string", None, None), []),
        ((None, None, None), []),
    ],
)
def test_what_stands_beside_a_field_depends_on_its_schema(schema, expected):
    """Suffixes and types follow from the schema alone."""
    field = FieldInfo("customfield_1", "customfield_1", "X", True, True, *schema)
    assert [(companion.suffix, companion.type) for companion in companions(field)] == expected
