"""What a token opens beside the sites: the list of them and the person's profile. No tokens are checked here.

Source: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps (2026-09-26)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.messages import Response
from vantage_jira_plugin.simulator.problems import SCOPE_MISSING, gateway_error
from vantage_jira_plugin.simulator.scopes import confluence_scopes, jira_scopes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.simulator.grants import Family
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["accessible_resources", "profile"]

#: What a grant without any Confluence scope still shows of Confluence: no client may take the first entry.
CONFLUENCE_ENTRY_SCOPES = frozenset({"read:confluence-space.summary"})

#: Avatar of every site. Source: recorded answer of 2026-04-28.
SITE_AVATAR_URL = "https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/jersey.png"


def accessible_resources(family: Family, sites: Sequence[Site]) -> Response:
    """Answer `GET /oauth/token/accessible-resources`: one entry per site and product, ids repeat."""
    entries: list[dict[str, Any]] = []
    for site in sites:
        if site.cloud_id not in family.cloud_ids:
            continue
        products = [jira_scopes(family.scopes)]
        if site.confluence:
            products.insert(0, confluence_scopes(family.scopes) or CONFLUENCE_ENTRY_SCOPES)
        entries += [
            {
                "id": site.cloud_id,
                "url": site.url,
                "name": site.name,
                "scopes": sorted(scopes),
                "avatarUrl": SITE_AVATAR_URL,
            }
            for scopes in products
            if scopes
        ]
    return Response(200, entries, {"Content-Type": "application/json; charset=utf-8"})


def profile(family: Family, sites: Sequence[Site]) -> Response:
    """Answer `GET /me`, which needs a scope of its own."""
    if "read:me" not in family.scopes:
        return gateway_error(401, SCOPE_MISSING)
    accounts = (site.accounts.get(family.account_id) for site in sites)
    account = next((account for account in accounts if account is not None), None)
    body = {
        "account_type": "atlassian",
        "account_id": family.account_id,
        "email": account.email_address if account else None,
        "name": account.display_name if account else family.account_id,
        "nickname": account.display_name if account else family.account_id,
        "account_status": "active",
        "email_verified": True,
    }
    return Response(200, body, {"Content-Type": "application/json; charset=utf-8"})
