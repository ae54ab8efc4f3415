"""Tests of the host's commands, run as a person would run them."""
