"""Commands of `vantage-jira`, one file per subject. They are put together in `command.py`."""
