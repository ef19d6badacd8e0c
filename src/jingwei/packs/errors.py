"""What can be wrong with a pack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text
from jingwei.packs.declarations import Fault


class PackFaulty(BadInput):
    """Carries every fault found, for pages and `--json`."""

    code = "pack-faulty"
    what = Text(
        "应用包 {pack} 有 {count} 处要改：\n{list}", "To be mended in the pack {pack} ({count}):\n{list}"
    )
    do = Text(
        "按上面所列逐处改好，再运行 jingwei pack check。",
        "Mend them as listed and run jingwei pack check again.",
    )

    def __init__(self, pack: str | Text, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        lines = Text(
            "\n".join(f"  {f.path}:{f.line or 1}: {f.text.zh}" for f in faults),
            "\n".join(f"  {f.path}:{f.line or 1}: {f.text.en}" for f in faults),
        )
        super().__init__(pack=pack, count=len(faults), list=lines)

    def as_dict(self) -> dict[str, Any]:
        listed = [
            {"path": str(f.path), "line": f.line, "code": f.code, "text": str(f.text)} for f in self.faults
        ]
        return {**super().as_dict(), "faults": listed}


class UnknownName(BadInput):
    code = "unknown-name"
    what = Text("没有名为 {name} 的{kind}{hint}。", "There is no {kind} named {name}{hint}.")
    do = Text("现有的：{known}。", "There are: {known}.")
