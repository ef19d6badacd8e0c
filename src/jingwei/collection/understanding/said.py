"""Something that was concluded about a table: how sure, and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jingwei.kernel.text import Text


@dataclass(frozen=True)
class Said:
    """`confidence` from 0 to 1; `evidence` in words, with counts."""

    confidence: float
    evidence: Text

    def as_dict(self) -> dict[str, Any]:
        return {"confidence": round(self.confidence, 2), "evidence": str(self.evidence)}

    def __str__(self) -> str:
        return f"{self.confidence:.2f} · {self.evidence}"
