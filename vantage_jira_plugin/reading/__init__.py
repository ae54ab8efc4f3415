"""From Jira's JSON to tables. No actions and no settings."""

from __future__ import annotations
