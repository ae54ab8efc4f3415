"""How requests travel: limits decided in pure code, a thin adapter that waits, answers read as data."""
