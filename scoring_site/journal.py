"""What the journal says of an answer."""

from __future__ import annotations

import logging


class RefusalsInOneLine(logging.Filter):
    """A refused request is no fault: how the code came to refuse it would only hide the faults among the lines.

    Django logs every 403 and 400 with its traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything through; what was answered with less than 500 without its traceback."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
