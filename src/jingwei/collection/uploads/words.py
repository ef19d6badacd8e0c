"""What was understood of a file, in words: one line a fact, those first on which most depends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jingwei.kernel.text import Text

Line = tuple[Text, str]
PLAIN = {
    "sheet": Text("工作表", "Sheet"),
    "header_row": Text("表头在第几行", "Header row"),
    "header_levels": Text("表头有几层", "Header levels"),
    "encoding": Text("编码", "Encoding"),
    "delimiter": Text("分隔符", "Separator"),
    "other_sheets": Text("没看的工作表", "Other sheets, not read"),
    "blank": Text("跳过的空行", "Blank rows passed over"),
    "merged_cells_filled": Text("按合并格补齐的格子", "Cells filled from merged ones"),
    "corrected_cells": Text("您改过的格子", "Cells you corrected"),
    "assigned_columns": Text("您指定的列", "Columns you assigned"),
}
REMARKS = {
    "titles": Text("表头上面的标题", "Titles above the header"),
    "footnotes": Text("表下面的说明", "Remarks under the table"),
    "totals": Text("合计行，不算记录", "Totals, not records"),
}
SIGNS = {
    "comma": Text("逗号", "comma"),
    "semicolon": Text("分号", "semicolon"),
    "tab": Text("制表符", "tab"),
    "bar": Text("竖线", "bar"),
}
SHOWN = 3


def lines(facts: Mapping[str, Any]) -> list[Line]:
    out = [(title, _said(facts[name])) for name, title in PLAIN.items() if facts.get(name)]
    for name, title in REMARKS.items():
        found = facts.get(name)
        if isinstance(found, list) and found:
            texts = [str(one.get("text", one)) if isinstance(one, Mapping) else str(one) for one in found]
            more = f" … {len(texts)}" if len(texts) > SHOWN else ""
            out.append((title, "；".join(text[:60] for text in texts[:SHOWN]) + more))
    return out


def _said(value: Any) -> str:
    if isinstance(value, list):
        more = f" … {len(value)}" if len(value) > SHOWN * 2 else ""
        return "、".join(map(str, value[: SHOWN * 2])) + more
    return str(SIGNS.get(value, value)) if isinstance(value, str) else str(value)
