"""Rich text: markdown to Atlassian's document format (ADF) and back. Pure functions: no network, no Jira client."""

from __future__ import annotations

from vantage_jira_plugin.adf.from_markdown import from_markdown
from vantage_jira_plugin.adf.text import text_length
from vantage_jira_plugin.adf.to_markdown import to_markdown
from vantage_jira_plugin.adf.to_plain import to_plain

__all__ = ["from_markdown", "text_length", "to_markdown", "to_plain"]
