"""What can go wrong while a table is judged."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class NothingToJudge(BadInput):
    code = "nothing-to-judge"
    what = Text(
        "资源 {resource} 还没有采集过，湖里没有它的表。",
        "The resource {resource} was never collected; the lake has no table of it.",
    )
    do = Text("先运行 jingwei collect {resource}，或用 --from 给出 Parquet 文件。", "Run jingwei collect {resource} first, or give a Parquet file with --from.")  # fmt: skip


class TableUnreadable(BadInput):
    code = "judged-table-unreadable"
    what = Text("{path} 读不成 Parquet 表：{why}", "{path} cannot be read as a Parquet table: {why}")
    do = Text(
        "确认路径和格式；其他格式的表用 jingwei collect 采集。",
        "Check path and format; tables in other formats are for jingwei collect.",
    )


class OutputUnknown(BadInput):
    code = "output-unknown"
    what = Text("不知道 {path} 该写成什么格式。", "What format {path} is to have is not known.")
    do = Text("文件名以 .parquet 或 .csv 结尾。", "Let the name end in .parquet or .csv.")
