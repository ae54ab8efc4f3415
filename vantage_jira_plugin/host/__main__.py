"""`python -m vantage_jira_plugin.host`; nothing else lives here."""

from . import main

main()
