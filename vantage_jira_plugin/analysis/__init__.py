"""What the histories of issues say, as tables ready to draw. No actions, and no HTTP outside `reading`."""

from __future__ import annotations
