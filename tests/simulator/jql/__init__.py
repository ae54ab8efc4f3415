"""Tests of the simulator's jql."""
