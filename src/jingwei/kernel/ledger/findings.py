"""What an auditor is told: one finding for each thing that is not as it was sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jingwei.kernel.ledger.segments import Head
from jingwei.kernel.text import Text

KEPT = 1000
"""Findings kept for telling; more are counted. A ledger that was rewritten must not fill the memory."""

DATABASE = Text("业务库", "database")
FILE = Text("封存文件", "segment file")
BOTH = Text("业务库或封存文件", "database or segment file")

MEANS = {
    "changed": Text(
        "这一条封存后被改过（{detail}）。", "This entry was changed after it was sealed ({detail})."
    ),
    "removed": Text("这一条封存后被删掉。", "This entry was removed after it was sealed."),
    "inserted": Text("这一条不是封存进去的，是后来塞进来的。", "This entry was never sealed: it was put in later."),
    "reordered": Text("这一条换过位置。", "This entry was moved to another place."),
    "foreign": Text(
        "这一条还没封存，标记不对：不是本节点写的，或写后被改过。",
        "This entry waits for sealing and its mark is wrong: this node did not write it, or it was changed since.",
    ),
    "repeated": Text(
        "这一条是已封存条目的复制品。", "This entry is a copy of one that is sealed already."
    ),
    "segment-missing": Text(
        "这一段的文件不见了，或改了名。", "The file of this segment is missing or was renamed."
    ),
    "segment-extra": Text(
        "这个文件不是这里的：多出来的、复制的或改了名的一段。",
        "This file does not belong here: a segment added, copied or renamed.",
    ),
    "segment-cut": Text("这一段的文件末尾被截掉一点。", "The end of this segment's file was cut off."),
    "head-unreadable": Text("这一段的头读不出来（{detail}）。", "The head of this segment cannot be read ({detail})."),
    "head-changed": Text(
        "这一段的头被改过（{detail}）。", "The head of this segment was changed ({detail})."
    ),
    "head-missing": Text("业务库里少了这一段的头。", "The database lacks the head of this segment."),
    "signature": Text(
        "这一段的签名不对：头不是本节点的密钥签的。", "The signature is wrong: this node's key did not sign the head."
    ),
    "chain": Text("这一段接不上前一段。", "This segment does not follow the one before it."),
    "key": Text(
        "密钥文件 {detail} 不是签最新一段的那一把。", "The key file {detail} is not the one that signed the newest head."
    ),
    "body": Text(
        "第 {detail} 位之间有条目被改，业务库和文件改得一样。",
        "Entries between positions {detail} were changed in database and file alike.",
    ),
    "index": Text(
        "查询索引在这一段被改过：居民页可能漏掉或多出记录。",
        "The index of subjects was changed within this segment: a resident's page may lack or add looks.",
    ),
    "set": Text(
        "批量名单 {detail} 被改过或删掉。", "The bulk set {detail} was changed or removed."
    ),
    "stamp": Text("时间戳不对（{detail}）。", "The time stamp is wrong ({detail})."),
    "noted": Text(
        "和审计员记下的段头不符：{detail}。台账被截短或重写过。",
        "It does not agree with the head the auditor noted: {detail}. The ledger was cut short or rewritten.",
    ),
}  # fmt: skip

TRUNCATED = Text("最新的段被截掉", "the newest segments are gone")
REWRITTEN = Text("同一段的头不同", "the head of that segment is another")


@dataclass(frozen=True)
class Finding:
    """`kind` is stable, for scripts. `position` is the place in the ledger, from 0; `entry` the row's number."""

    kind: str
    side: Text | None = None
    segment: int | None = None
    position: int | None = None
    entry: int | None = None
    detail: str | Text = ""

    @property
    def means(self) -> Text:
        return MEANS[self.kind].fill(detail=self.detail)

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "side": str(self.side) if self.side else None,
            "segment": self.segment,
            "position": self.position,
            "entry": self.entry,
            "means": str(self.means),
        }


@dataclass
class Report:
    """What was checked and what was found; `notes` are no faults."""

    segments: int = 0
    entries: int = 0
    unsealed: int = 0
    stamps: int = 0
    head: Head | None = None
    found: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.found += 1
        if len(self.findings) < KEPT:
            self.findings.append(finding)
