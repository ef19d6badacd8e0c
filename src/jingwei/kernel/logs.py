"""The log of a home: one line of JSON for each thing that happened, without personal data.

    logging (ours, Django's, django-q's) ─▶ filter masks numbers and names ─▶ structlog ─▶ <home>/logs/jingwei.log

A home that is not there yet gets no log, and no folder made for one. What identifies a person is masked in the
message, in what was filled into it and in tracebacks: identity numbers, credit codes, phone numbers, and Chinese
names. A name cannot be told from other words by its shape alone, so that of a traceback's last line and of what was
filled into a message every short run of Chinese characters that begins with a surname is masked: too much, not too little.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{4})\d{10}(\d{3}[\dXx]|\d)(?![0-9A-Za-z])")
PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
CODE = re.compile(r"(?<![0-9A-Z])([0-9A-Z]{2})[0-9A-Z]{12}([0-9A-Z]{4})(?![0-9A-Z])")
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白"
    "孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖池"
)
NAME = re.compile(
    rf"(?<![\u4e00-\u9fff])([{SURNAMES}])[\u3400-\u9fff\U00020000-\U0003134f]{{1,2}}(?![\u3400-\u9fff])"
)
ENTITY = re.compile(r"(?<![A-Za-z0-9])[A-Z][a-z2-7]{16}(?![A-Za-z0-9])")
FACTS = ("view", "method", "status", "milliseconds", "account")
"""What a line may carry beside its message; nothing else that was attached to a record is written."""


def masked(text: str) -> str:
    """The text with numbers that identify a person, and what looks like a name, starred."""
    text = NUMBER.sub(lambda found: f"{found[1]}**********{found[2][-1]}", text)
    text = PHONE.sub(r"\1****\2", text)
    text = CODE.sub(
        lambda found: f"{found[1]}************{found[2]}" if not found[0].isalpha() else found[0], text
    )
    text = ENTITY.sub("(entity)", text)
    return NAME.sub(r"\1**", text)


def named(account: str) -> str:
    """An account as the log names it: the same all through, and told back only by who holds the node's key."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"log {account}".encode(), hashlib.sha256).hex()[:12]


@contextmanager
def bound(**facts: Any) -> Iterator[None]:
    """Every line written within carries these facts."""
    with structlog.contextvars.bound_contextvars(**facts):
        yield


def line(logger: Any, method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Of a record, what may be written, in the order people read it; all text masked."""
    record: logging.LogRecord = event["_record"]
    facts = {name: record.__dict__[name] for name in FACTS if name in record.__dict__}
    said = event["event"]
    if record.name.startswith("django.") and isinstance(record.msg, str):
        said = record.msg.replace(
            "%s", "…"
        )  # Django fills in addresses, which hold the numbers of cases and entities
    kept = {
        "at": event["timestamp"],
        "level": record.levelname,
        "logger": record.name,
        **{name: value for name, value in structlog.contextvars.get_contextvars().items()},
        **facts,
        "event": said,
    }
    if event.get("exception"):
        kept["exception"] = event["exception"]
    return {name: masked(value) if isinstance(value, str) else value for name, value in kept.items()}


class Lines(structlog.stdlib.ProcessorFormatter):
    """Records of all loggers as lines of JSON."""

    def __init__(self) -> None:
        super().__init__(
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=False),
                structlog.processors.format_exc_info,
                line,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ]
        )


class HomeLog(RotatingFileHandler):
    """Writes to `<home>/logs/jingwei.log` once that folder exists."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            home / "logs" / "jingwei.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8", delay=True
        )

    def emit(self, record: logging.LogRecord) -> None:
        if Path(self.baseFilename).parent.is_dir():
            super().emit(record)
