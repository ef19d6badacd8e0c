"""The log of a home. A home that is not there yet gets no log, and no folder made for one."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path


class HomeLog(RotatingFileHandler):
    """Writes to `<home>/logs/jingwei.log` once that folder exists."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            home / "logs" / "jingwei.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8", delay=True
        )

    def emit(self, record: logging.LogRecord) -> None:
        if Path(self.baseFilename).parent.is_dir():
            super().emit(record)
