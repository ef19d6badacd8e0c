"""`jingwei orders | order | mend`: work orders on the command line, as the node itself."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click

from jingwei.cli.frame import Output, command
from jingwei.collection import service
from jingwei.collection.models import WorkOrder
from jingwei.collection.workorders import book, excel, lines, returned
from jingwei.kernel import ledger
from jingwei.kernel.errors import EXIT_BAD_INPUT, EXIT_DONE
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

STATES = {
    WorkOrder.OPEN: Text("要办", "to do"),
    WorkOrder.CLOSED: Text("办结", "closed"),
}
LATE = Text("逾期", "late")


def as_dict(order: WorkOrder) -> dict[str, Any]:
    """An order for `--json`."""
    return {
        "order": order.id,
        "kind": order.kind,
        "resource": order.resource,
        "organization": order.organization,
        "run": order.run,
        "state": order.state,
        "late": order.late,
        "opened": order.opened,
        "due": order.due,
        "closed": order.closed,
        "closed_by": order.closed_by,
        "rows": order.rows,
        "remaining": order.remaining,
    }


def add_to(group: click.Group) -> None:
    @command(group)
    @click.argument("resource", required=False)
    @click.option(
        "--state",
        type=click.Choice([book.OPEN, book.LATE, book.CLOSED]),
        help="Only those to do, late, or closed.",
    )
    @click.option("--limit", default=50, show_default=True, help="How many.", type=click.IntRange(1, 10_000))
    def orders(out: Output, resource: str | None, state: str | None, limit: int) -> None:
        """List work orders, of RESOURCE or of all, by deadline; what is to do comes first."""
        if resource:
            service.contract_of(resource)
        found = book.orders(None, state or "", resource or "")
        total, listed = found.count(), list(found[:limit])
        out.table(
            Text("工单 {total} 张，列出 {shown} 张", "{total} work orders, {shown} listed").fill(
                total=f"{total:,}", shown=len(listed)),
            [Text("工单", "order"), Text("表", "table"), Text("单位", "organization"), Text("还剩", "left"),
             Text("共", "rows"), Text("期限", "due"), Text("状态", "state")],
            [[o.id, o.resource, o.organization, o.remaining, o.rows, f"{o.due}", LATE if o.late else STATES[o.state]]
             for o in listed],
        )  # fmt: skip
        out.result({"total": total, "orders": [as_dict(order) for order in listed]})

    @command(group)
    @click.argument("order_id", metavar="ORDER")
    @click.option(
        "--limit", default=20, show_default=True, help="Rows to list; 0 lists all.", type=click.IntRange(0)
    )
    @click.option(
        "--out",
        "target",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write all its rows to FILE (.xlsx, or .csv) for the provider.",
    )
    def order(out: Output, order_id: str, limit: int, target: Path | None) -> None:
        """Show ORDER with its open rows and what is wrong with each."""
        found = book.order_of(None, order_id)
        contract = book.contract_of(found)
        rows = lines.page(found, 0, limit or 10**9)
        ledger.record(None, "order.export" if target else "order.read", found.id, purpose=f"{len(rows)} rows")
        if target:
            write(found, target)
        head = Text(
            "{order}  {title}  {who}  还剩 {left} / {rows} 行  期限 {due}",
            "{order}  {title}  {who}  {left} of {rows} rows left  due {due}",
        )
        facts = {"order": found.id, "title": contract.title, "who": found.organization}
        out.say(head.fill(**facts, left=found.remaining, rows=found.rows, due=found.due))
        if found.kind == WorkOrder.DISPUTE:
            out.say(f"{found.field}: {found.said}")
        out.table(
            Text("要改的行", "Rows to mend"),
            [Text("源行", "row"), Text("主键", "key"), Text("错在哪里", "what is wrong")],
            [[f"{line.row}", line.key, excel.said(line, contract)] for line in rows],
        )
        listed = [
            {
                "run": line.run,
                "row": line.row,
                "key": line.key,
                "original": line.original,
                "accepted": line.accepted,
                "reasons": [{"field": r.field, "code": r.code, "text": str(r.text)} for r in line.reasons],
            }
            for line in rows
        ]
        written = str(target) if target else None
        out.result(
            {**as_dict(found), "said": found.said, "answer": found.answer, "file": written, "open": listed}
        )

    @command(group)
    @click.argument("order_id", metavar="ORDER")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def mend(out: Output, order_id: str, file: Path) -> int:
        """Take the corrections of FILE (.xlsx or .csv, from `order --out` or the page) for ORDER."""
        handed = returned.hand_in(None, order_id, file.name, file.read_bytes())
        refused = [
            {"sheet": r.sheet, "row": r.row, "column": r.column, "why": str(r.why)}
            for r in handed.returned.refused
        ]
        for one in handed.returned.refused:
            place = Text("第 {row} 行 {column}：{why}", "row {row} {column}: {why}")
            out.say(place.fill(row=one.row, column=one.column, why=one.why))
        outcome = handed.outcome
        if outcome is None:
            out.say(Text("没有能收的改动。", "No correction could be taken."))
            out.result({"order": order_id, "run": None, "refused": refused})
            return EXIT_BAD_INPUT
        told = Text(
            "{run}  改对 {mended}  还不对 {still}  没改 {same}  别人已改 {gone}  没收 {refused}",
            "{run}  put right {mended}  still wrong {still}  unchanged {same}  mended before {gone}  not taken {refused}",
        )
        counts = {
            "mended": outcome.mended, "still": outcome.still, "same": outcome.same, "gone": outcome.gone,
        }  # fmt: skip
        out.say(told.fill(run=outcome.run.id, refused=len(refused), **counts))
        out.result({"order": order_id, "run": outcome.run.id, **counts, "refused": refused})
        return EXIT_DONE


def write(order: WorkOrder, target: Path) -> None:
    contract = book.contract_of(order)
    if target.suffix.lower() == ".csv":
        with target.open("w", encoding="utf-8", newline="") as text:
            text.writelines(excel.csv_lines(order, contract))
        return
    with excel.workbook(order, contract, installed().section("codes")) as file, target.open("wb") as copy:
        shutil.copyfileobj(file, copy)
