"""One thing about a source that is not as it was, in words and with evidence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from dataclasses import field as member
from typing import Any

from jingwei.kernel.text import Text

ADDED, REMOVED, RENAMED, RETYPED, CODES, KEY = "added", "removed", "renamed", "retyped", "codes", "key"
KINDS = {
    ADDED: Text("多了列", "column added"),
    REMOVED: Text("少了列", "column removed"),
    RENAMED: Text("列改了名", "column renamed"),
    RETYPED: Text("值变了样", "values of another kind"),
    CODES: Text("新代码", "new codes"),
    KEY: Text("主键变了", "key changed"),
}


@dataclass(frozen=True)
class Drifted:
    """`holds`: the contract wants a person to look before anything is published."""

    kind: str
    field: str
    header: str
    detail: Text
    evidence: dict[str, Any] = member(default_factory=dict)
    holds: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As it stands in a run's facts."""
        return {**asdict(self), "detail": self.detail._asdict()}
