"""Tables too large for memory: rows spooled page by page, and put in place as one file. No Jira, no actions."""
