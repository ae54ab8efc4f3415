"""Which OAuth scopes exist and which product each belongs to. Nothing about who was granted what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DEFAULT_SCOPES", "confluence_scopes", "jira_scopes", "parse_scopes", "unknown_scopes"]

#: What a grant holds unless a test says otherwise.
DEFAULT_SCOPES = frozenset({"read:jira-work", "write:jira-work", "read:jira-user", "read:me", "offline_access"})

#: Scopes of the account itself, which belong to no site.
ACCOUNT_SCOPES = frozenset({"offline_access", "read:me", "read:account"})

#: Classic scopes of Jira and Jira Service Management.
#: Source, of 2025-12-09:
#: https://developer.atlassian.com/cloud/jira/platform/scopes-for-connect-and-oauth-2-3LO-apps
CLASSIC_SCOPES = frozenset(
    {
        "read:jira-work",
        "write:jira-work",
        "read:jira-user",
        "manage:jira-project",
        "manage:jira-configuration",
        "manage:jira-webhook",
        "read:servicedesk-request",
        "write:servicedesk-request",
        "manage:servicedesk-customer",
    }
)

#: Granular scopes: verb, thing, product (`read:issue:jira`, `write:sprint:jira-software`).
GRANULAR_SCOPE = re.compile(
    r"(read|write|delete|validate|send|redact|manage):[a-z][a-z.-]*:(jira|jira-software|jira-servicedesk)"
)

#: Confluence's scopes, classic and granular.
CONFLUENCE_SCOPE = re.compile(
    r"(read|write|search|manage):confluence-?[a-z.-]*|(read|write|delete):[a-z.-]+:confluence"
    r"|search:confluence|readonly:content\.attachment:confluence"
)


def parse_scopes(text: str | Iterable[str]) -> frozenset[str]:
    """Return the scopes of a space separated text, or of names that are apart already."""
    return frozenset(text.split() if isinstance(text, str) else text)


def jira_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return those that belong to Jira."""
    return frozenset(scope for scope in scopes if scope in CLASSIC_SCOPES or GRANULAR_SCOPE.fullmatch(scope))


def confluence_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return those that belong to Confluence."""
    return frozenset(scope for scope in scopes if CONFLUENCE_SCOPE.fullmatch(scope))


def unknown_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return those that no product knows."""
    wanted = frozenset(scopes)
    return wanted - ACCOUNT_SCOPES - jira_scopes(wanted) - confluence_scopes(wanted)
