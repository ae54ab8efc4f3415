"""Any JSON data, for property tests. No Jira knowledge."""

from __future__ import annotations

from hypothesis import strategies as st

_KEYS = (
    "id",
    "key",
    "name",
    "value",
    "child",
    "displayName",
    "accountId",
    "type",
    "content",
    "fields",
    "total",
)
_TEXTS = ("", "2026-01-31", "2026-01-31T09:30:00.000+0200", "Sprint@1[id=1,name=a,b=]", "doc", "1e9", "DEV-1")

texts = st.sampled_from(_TEXTS) | st.text(max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts


def json_values(*keys: str) -> st.SearchStrategy[object]:
    """Return JSON data whose objects often have these keys."""
    names = st.sampled_from([*keys, *_KEYS]) | st.text(max_size=3)
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
        max_leaves=8,
    )
