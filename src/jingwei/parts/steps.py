"""What happened and what is to come: steps of a timeline, and long work while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jingwei.kernel.text import Text

DONE, NOW, TO_COME, LATE = "done", "now", "to-come", "late"
STATES = {
    DONE: Text("已办", "done"),
    NOW: Text("正在办", "now"),
    TO_COME: Text("还没到", "to come"),
    LATE: Text("晚了", "late"),
}


@dataclass(frozen=True)
class Step:
    """`who` is office and person; `when` a time, or words where it is to come."""

    title: Text
    who: str
    when: datetime | Text
    state: str = DONE
    note: Text | None = None

    @property
    def said(self) -> Text:
        return STATES[self.state]

    @property
    def at(self) -> datetime | None:
        return self.when if isinstance(self.when, datetime) else None


RUNNING, FINISHED, FAILED = "running", "finished", "failed"


@dataclass(frozen=True)
class Work:
    """Long work: `total` None where nobody knows how much it is. `address` answers with the piece anew, `found`
    is the page where it is found again after somebody left, `result` where what came out is."""

    name: str
    title: Text
    done: int
    total: int | None
    unit: Text
    address: str
    found: str
    state: str = RUNNING
    since: datetime | None = None
    said: Text | None = None
    result: str = ""

    @property
    def percent(self) -> int | None:
        return None if not self.total else min(100, 100 * self.done // self.total)
