"""Which Jira site a grant is for: told apart by scopes, chosen by what the settings say. Pure.

Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26), section
"accessible-resources".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vantage_jira_plugin.errors import ChooseSiteError

from .record import is_cloud_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.contract import Site
    from vantage_jira_plugin.settings import Settings

__all__ = ["choose_site", "jira_sites", "matches", "same_site_url"]


def jira_sites(resources: Sequence[Any]) -> list[Site]:
    """Return the Jira sites among accessible resources, by name.

    Jira and Confluence of one site are two entries with the same id; only scopes tell them apart.
    Entry: `{"id", "name", "url", "scopes": [...], "avatarUrl"}`.
    """
    sites: dict[str, Site] = {}
    for entry in resources:
        if not isinstance(entry, dict) or not is_cloud_id(entry.get("id")):
            continue
        listed = entry.get("scopes")
        scopes = [str(scope) for scope in listed] if isinstance(listed, list) else []
        if not any(_is_jira_scope(scope) for scope in scopes):
            continue
        cloud_id = entry["id"]
        known = sites.get(cloud_id)
        sites[cloud_id] = {
            "cloudId": cloud_id,
            "name": str(entry.get("name") or ""),
            "url": str(entry.get("url") or "").rstrip("/"),
            "scopes": sorted({*scopes, *(known["scopes"] if known else ())}),
        }
    return sorted(sites.values(), key=lambda site: (site["name"].casefold(), site["cloudId"]))


def _is_jira_scope(scope: str) -> bool:
    """Tell classic (`read:jira-work`) and granular (`read:issue:jira`) Jira scopes from others'."""
    parts = scope.split(":")
    return len(parts) > 1 and (parts[1].startswith("jira-") or parts[-1] in {"jira", "jira-software"})


def same_site_url(one: str | None, other: str | None) -> bool:
    """Tell whether two URLs name the same site, whatever their path, case or closing slash."""
    return one is not None and other is not None and _host(one) == _host(other) != ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").casefold()
    except ValueError:  # brackets that are no IPv6 address, characters that no host has
        return ""


def matches(site: Site, settings: Settings) -> bool:
    """Tell whether a site is the one that the settings mean; settings that name none mean any."""
    if settings.site_url is not None and not same_site_url(site["url"], settings.site_url):
        return False
    return settings.site_name is None or site["name"].casefold() == settings.site_name.casefold()


def choose_site(sites: Sequence[Site], settings: Settings, cloud_id: str | None) -> Site:
    """Return the one site that the settings, or the record's cloud id, mean.

    Without either, a single site is used. Several are never guessed at (PipedreamHQ/pipedream#4858).

    Raises:
        ChooseSiteError: none or several match; lists what there is.
    """
    if settings.site_url is not None or settings.site_name is not None:
        wanted = f"siteUrl {settings.site_url}" if settings.site_url else f"siteName {settings.site_name}"
        meant = [site for site in sites if matches(site, settings)]
    elif cloud_id is not None:
        wanted = f"cloudId {cloud_id}"
        meant = [site for site in sites if site["cloudId"] == cloud_id]
    else:
        wanted = ""
        meant = list(sites)
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(f"{site['name']} ({site['url']})" for site in sites)
    if not sites:
        message = "this login reaches no Jira site"
        hint = "Connect again with an account that may use the site, and grant it on Atlassian's consent page."
    elif wanted and not meant:
        message = f"this login does not reach the site of {wanted}; it reaches: {names}"
        hint = "Set siteUrl to one of these, or connect again and grant the other site."
    else:
        message = f"this login reaches several Jira sites: {names}"
        hint = "Set siteUrl to one of these."
    raise ChooseSiteError(message, sites=sites, hint=hint)
