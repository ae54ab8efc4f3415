"""The login: a record that outlives processes, a session that renews it, and the site it reaches."""
