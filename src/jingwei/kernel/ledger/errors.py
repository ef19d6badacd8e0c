"""What can go wrong with the ledger itself."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, Failed
from jingwei.kernel.text import Text


class NoSuchEntry(BadInput):
    code = "no-such-entry"
    what = Text("台账里没有第 {entry} 条。", "The ledger has no entry {entry}.")
    do = Text("核对编号，或从查询结果里找。", "Check the number, or find it by a search.")


class EntryNotSealed(Failed):
    code = "entry-not-sealed"
    retry_helps = True
    what = Text("第 {entry} 条还没有封存。", "Entry {entry} is not sealed yet.")
    do = Text(
        "等下一次封存，或运行 jingwei ledger seal。", "Wait for the next sealing, or run jingwei ledger seal."
    )


class SegmentUnusable(Failed):
    code = "segment-unusable"
    what = Text(
        "第 {number} 段封存文件不见了或被改过，出不了证明。",
        "Sealed segment {number} is missing or was changed: it proves nothing.",
    )
    do = Text(
        "运行 jingwei ledger verify 看出了什么事，再从备份恢复这一段。",
        "Run jingwei ledger verify to see what happened, then restore the segment from a backup.",
    )


class KeyLost(Failed):
    code = "ledger-key-lost"
    what = Text("签名密钥 {path} 不见了，或读不了。", "The signing key {path} is missing or cannot be read.")
    means = Text(
        "没有封存；条目都在，已封存的仍可核验。",
        "Nothing was sealed; all entries are there, and what is sealed can still be verified.",
    )
    do = Text(
        "从备份恢复密钥；确实没有了，运行 jingwei ledger key --new --lost。",
        "Restore the key from a backup; if there is none, run jingwei ledger key --new --lost.",
    )


class KeyChanged(Failed):
    code = "ledger-key-changed"
    what = Text(
        "密钥 {path} 不是签上一段的那一把。", "The key {path} is not the one that signed the last segment."
    )
    means = KeyLost.means
    do = KeyLost.do


class LedgerSetBack(Failed):
    code = "ledger-set-back"
    what = Text(
        "封存文件有第 {number} 段，业务库里没有，而且对不上：业务库被退回过。",
        "The files hold segment {number}, the database does not, and the two do not agree: the database was set back.",
    )
    means = Text(
        "没有封存，什么都没有改。文件里的条目仍然作数。",
        "Nothing was sealed or changed. The entries in the files still count.",
    )
    do = Text(
        "把业务库恢复到这一段之后的备份。",
        "Restore the operational store from a backup made after that segment.",
    )
