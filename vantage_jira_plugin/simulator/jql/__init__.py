"""JQL: reading queries, and running them over a site's issues. No HTTP lives here."""
