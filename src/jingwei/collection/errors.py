"""What can go wrong while a resource is collected, apart from reading it (connectors.errors)."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, Failed, Held
from jingwei.kernel.text import Text


class NoSource(BadInput):
    code = "no-source"
    what = Text(
        "契约 {resource} 没有写从哪里读。", "The contract {resource} does not say where to read from."
    )
    do = Text(
        "在 servers 里写明，或用 --from 给出路径或地址。",
        "Name it under servers, or give a path or URL with --from.",
    )


class ColumnsMissing(BadInput):
    code = "columns-missing"
    what = Text(
        "来的表缺少契约里的列：{missing}。表里有：{present}。",
        "Columns of the contract are missing in the source: {missing}. It has: {present}.",
    )
    do = Text(
        "请提供部门补上；只是改了名的，在契约该字段的 aliases 里加上新名字。",
        "Ask the provider to restore them; if they were only renamed, add the new names to the fields' aliases.",
    )


class ColumnsTwice(BadInput):
    code = "columns-twice"
    what = Text(
        "契约的字段 {field} 在表里对上了不止一列：{columns}。",
        "More than one column of the source answers to the field {field}: {columns}.",
    )
    do = Text(
        "请提供部门去掉一列，或在契约里改 physicalName。",
        "Ask the provider to remove one, or correct physicalName in the contract.",
    )


class ColumnsAdded(BadInput):
    code = "columns-added"
    what = Text(
        "来的表多了契约里没有的列：{added}，而契约不许增列。",
        "The source has columns the contract does not know: {added}; the contract freezes them.",
    )
    do = Text(
        "把它们写进契约，或把 drift 的 added 改为 notice。",
        "Declare them, or set `added` of drift to notice.",
    )


class OperationColumn(BadInput):
    code = "operation-column"
    what = Text(
        "变更表没有操作列 {column}。表里有：{present}。",
        "The change table has no column {column} for the operation. It has: {present}.",
    )
    do = Text("改正契约 changes 里的 operation。", "Correct `operation` under `changes` in the contract.")


class CursorColumn(BadInput):
    code = "cursor-column"
    what = Text(
        "来源没有增量列 {column}。表里有：{present}。",
        "The source has no cursor column {column}. It has: {present}.",
    )
    do = Text("改正契约 cursor 里的 column。", "Correct `column` under `cursor` in the contract.")


class NotIncremental(BadInput):
    code = "not-incremental"
    what = Text(
        "{format} 的来源不能按 {refresh} 读取。",
        "A source of format {format} cannot be read with refresh {refresh}.",
    )
    do = Text("在契约里把 refresh 改为 full 或 upsert。", "Set refresh to full or upsert in the contract.")


class NotReconcilable(BadInput):
    code = "not-reconcilable"
    what = Text(
        "{resource} 读的是变更表，来源里没有可以对照的全表。",
        "{resource} reads a change table: the source has no whole table to compare with.",
    )
    do = Text("用 --from 给出业务系统的原表。", "Name the system's own table with --from.")


class RowGone(BadInput):
    code = "row-gone"
    what = Text(
        "批次 {run} 的第 {row} 行已经不在待改的清单里。",
        "Row {row} of run {run} is not on the list of wrong rows any more.",
    )
    do = Text(
        "刷新清单；多半有人改过了，或来源已改好。", "Renew the list: somebody mended it, or the source did."
    )


class NothingToMend(BadInput):
    code = "nothing-to-mend"
    what = Text("没有给出改动。", "No changes were given.")
    do = Text("改好至少一格再提交。", "Mend at least one cell, then hand in.")


class NotReleasable(BadInput):
    code = "not-releasable"
    what = Text("批次 {run} 不能放行：{why}", "Run {run} cannot be let through: {why}")
    do = Text("看一眼这个批次，需要的话再读一次。", "Look at the run; collect again if needed.")


class NoRows(BadInput):
    code = "no-rows"
    what = Text("{location} 里一行数据都没有。", "{location} holds no rows at all.")
    do = Text(
        "确认给的是不是这份文件；确实清空了的，请提供部门书面说明。",
        "Check that this is the right file; if it was emptied on purpose, ask the provider to say so.",
    )


class RuleFaulty(BadInput):
    code = "rule-faulty"
    what = Text(
        "契约 {resource} 的规则 {rule} 不能执行：{why}",
        "The rule {rule} of the contract {resource} cannot be run: {why}",
    )
    do = Text("改好这条规则的 SQL 条件再试。", "Correct the rule's SQL condition and run it again.")


class KeyChanged(BadInput):
    code = "key-changed"
    what = Text(
        "契约 {resource} 的主键改成了 {key}，已有的 {rows} 行按新主键分不清。",
        "The contract {resource} has a new key ({key}), by which {rows} rows already stored cannot be told apart.",
    )
    do = Text(
        "改回原来的主键，或给这张表换一个资源名重新采集。",
        "Restore the earlier key, or declare the table as a resource of another name.",
    )


class RunHeld(Held):
    code = "run-held"
    what = Text("批次 {run} 已扣住：{why}", "Run {run} is held: {why}")
    means = Text(
        "这一批没有发布，现有数据没有改动。", "Nothing of it was published; existing data is unchanged."
    )
    do = Text(
        "看一眼批次 {run}；来源补齐后再读一次。确实要删这么多的，先把契约的 maxRemoved 调大。",
        "Look at run {run}; collect again once the source is complete. Where so much is really to go, raise the contract's maxRemoved first.",
    )


class RunKilled(Failed):
    code = "run-killed"
    retry_helps = True
    what = Text("这一批在做到一半时被中断。", "This run was interrupted half way.")
    do = Text("再读一次即可。", "Collect it again.")


class RunNotNoted(Failed):
    code = "run-not-noted"
    retry_helps = True
    what = Text(
        "批次 {run} 的数据已经入库，但批次本身没能记完：{why}",
        "The data of run {run} is in place, but the run could not be noted: {why}",
    )
    means = Text("数据是完整的。", "The data is whole.")
    do = Text(
        "排除原因后运行 jingwei runs，它会把这一批补记完整。",
        "Remove the cause and run jingwei runs, which completes the note.",
    )


class RunInterrupted(Failed):
    code = "run-interrupted"
    retry_helps = True
    what = Text("这一批被人中断。", "This run was interrupted by hand.")
    do = Text("需要时再读一次。", "Collect it again when you like.")


class UnknownRun(BadInput):
    code = "unknown-run"
    what = Text("没有批次 {run}。", "There is no run {run}.")
    do = Text("用 jingwei runs 看有哪些。", "jingwei runs lists them.")
