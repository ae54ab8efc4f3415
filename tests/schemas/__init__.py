"""Tests of vantage_jira_plugin.schemas."""
