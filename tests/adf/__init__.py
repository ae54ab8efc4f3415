"""Tests of the room that turns markdown into ADF and back."""
