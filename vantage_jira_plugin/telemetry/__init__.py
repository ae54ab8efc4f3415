"""What an operator can see of actions and requests: log records, spans, metrics. It decides nothing.

`docs/telemetry.md` lists the fields. Names and numbers only: no token, query value, body, JQL or text of an issue.
"""

from .logs import WaitReason
from .recorder import ActionNote, RequestNote, Telemetry

__all__ = ["ActionNote", "RequestNote", "Telemetry", "WaitReason"]
