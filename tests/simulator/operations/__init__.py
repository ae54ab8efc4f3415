"""Tests of the simulator's operations."""
