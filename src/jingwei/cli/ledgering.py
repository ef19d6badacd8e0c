"""`jingwei ledger seal | verify | show | proof | key`: the record, and its proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from django.db import transaction
from django.utils import timezone

from jingwei.cli.frame import Output, command
from jingwei.kernel import ledger
from jingwei.kernel.errors import EXIT_DONE, EXIT_FAILED, BadInput
from jingwei.kernel.ledger import checking, proofs, sealing, signing
from jingwei.kernel.ledger.findings import Finding, Report
from jingwei.kernel.ledger.keys import rotate
from jingwei.kernel.ledger.segments import Head, Unreadable
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text

LISTED = 50


class NotAHead(BadInput):
    code = "not-a-head"
    what = Text("{path} 里没有段头。", "{path} holds no head of the ledger.")
    do = Text(
        "用 jingwei ledger show --head 存下来的文件。",
        "Give a file that jingwei ledger show --head was saved to.",
    )


def add_to(group: click.Group) -> None:
    @group.group("ledger")
    def ledger_() -> None:
        """Who looked at what: seal it, verify it, prove it."""

    @command(ledger_)
    def seal(out: Output) -> int:
        """Seal what was recorded since the last time. The worker does it by itself."""
        done = sealing.seal()
        out.say(
            Text("封存 {n} 条，{s} 段。", "{n} entries sealed in {s} segments.").fill(
                n=f"{done.entries:,}", s=len(done.heads)
            )
        )
        if done.aside:
            out.say(
                Text(
                    "{n} 条不是本节点写的，没有封存。",
                    "{n} entries were not written by this node and are not sealed.",
                ).fill(n=len(done.aside))
            )
        out.result({"sealed": done.entries, "segments": len(done.heads), "aside": done.aside})
        return EXIT_FAILED if done.aside else EXIT_DONE

    @command(ledger_)
    @click.option(
        "--head",
        "noted",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="A head noted earlier (show --head): what it covers must still be there.",
    )
    def verify(out: Output, noted: Path | None) -> int:
        """Check database, segments, signatures and chain. Exit code 3 if anything was tampered with."""
        report = checking.verify(
            noted_head(noted) if noted else None, lambda done: out.progress(f"  {done:,}")
        )
        with transaction.atomic():
            ledger.record(None, "ledger.verify", f"{report.entries} entries", purpose=f"{report.found} found")
        tell(out, report)
        return EXIT_FAILED if report.found else EXIT_DONE

    @command(ledger_)
    @click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
    @click.option("--head", is_flag=True, help="The newest head alone, as JSON to be noted elsewhere.")
    def show(out: Output, limit: int, head: bool) -> None:
        """The newest entries and how the ledger stands."""
        state = ledger.status()
        if head:
            kept = {"head": state.head.text, "signature": state.head.signature} if state.head else {}
            click.echo(json.dumps(kept, indent=1))
            return
        entries = list(LedgerEntry.objects.all()[:limit])
        with transaction.atomic():
            ledger.record(None, "ledger.read", f"newest {limit}")
        out.table(
            Text("最近 {n} 条", "Newest {n} entries").fill(n=len(entries)),
            [Text("编号", "entry"), Text("时间", "at"), Text("谁", "who"), Text("动作", "action"),
             Text("对象", "object"), Text("用途", "purpose"), Text("人数", "subjects"), Text("结果", "outcome"),
             Text("封存", "sealed")],
            [[str(e.id), f"{timezone.localtime(e.at):%Y-%m-%d %H:%M:%S}", e.account, e.action, e.object,
              e.purpose, e.subject_count, e.outcome, "" if e.position is None else str(e.position)]
             for e in entries],
        )  # fmt: skip
        out.say(
            Text("已封存 {s} 条，待封存 {w} 条。", "{s} sealed, {w} waiting.").fill(
                s=f"{state.sealed:,}", w=f"{state.unsealed:,}"
            )
        )
        out.result(
            {
                "sealed": state.sealed,
                "unsealed": state.unsealed,
                "head": state.head.hash if state.head else None,
                "entries": [_entry(one) for one in entries],
            }
        )

    @command(ledger_)
    @click.argument("entry", type=int)
    @click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write it there.")
    def proof(out: Output, entry: int, target: Path | None) -> None:
        """The proof that ENTRY is sealed, for docs/verify_proof.py."""
        found = proofs.require(entry).as_dict()
        with transaction.atomic():
            ledger.record(None, "ledger.read", f"proof of {entry}")
        text = json.dumps(found, ensure_ascii=False, indent=1)
        if target:
            target.write_text(text + "\n", encoding="utf-8")
            out.say(Text("证明已写到 {path}。", "The proof is in {path}.").fill(path=target))
            out.result({"file": str(target)})
        else:
            click.echo(text)

    @command(ledger_)
    @click.option("--new", is_flag=True, help="Begin a new signing key; the old one hands over.")
    @click.option("--lost", is_flag=True, help="With --new: the old key is gone and cannot hand over.")
    @click.option("--pseudonyms", is_flag=True, help="Begin a new key of pseudonyms; the old ones are kept.")
    def key(out: Output, new: bool, lost: bool, pseudonyms: bool) -> None:
        """The public key that proofs are checked against."""
        if new:
            sealing.seal_before_new_key(lost)
            signing.renew(lost)
        if pseudonyms:
            rotate()
        if new or pseudonyms:
            with transaction.atomic():
                what = "signing, lost" if lost else "signing" if new else "pseudonyms"
                ledger.record(None, "ledger.key", what)
        public = signing.load().public
        out.say(public)
        out.result({"public": public, "file": str(signing.path())})


def noted_head(path: Path) -> Head:
    """A noted head; its signature is of no matter here, because the auditor kept it."""
    try:
        return Head.read(json.loads(path.read_text(encoding="utf-8"))["head"])
    except (ValueError, KeyError, TypeError, Unreadable):
        raise NotAHead(path=path) from None


def tell(out: Output, report: Report) -> None:
    for note in report.notes:
        out.say(note)
    if report.found:
        out.table(
            Text("发现 {n} 处", "{n} findings").fill(n=f"{report.found:,}"),
            [Text("段", "segment"), Text("位", "position"), Text("编号", "entry"), Text("哪里", "where"),
             Text("什么事", "what happened")],
            [_told(one) for one in report.findings[:LISTED]],
        )  # fmt: skip
    out.say(
        Text(
            "核验 {s} 段 {e} 条，待封存 {w} 条：{what}",
            "{e} entries in {s} segments verified, {w} waiting: {what}",
        ).fill(
            s=f"{report.segments:,}",
            e=f"{report.entries:,}",
            w=f"{report.unsealed:,}",
            what=Text("有改动。", "tampered with.") if report.found else Text("完好。", "whole."),
        )
    )
    out.result(
        {
            "whole": not report.found,
            "segments": report.segments,
            "entries": report.entries,
            "unsealed": report.unsealed,
            "stamps": report.stamps,
            "head": report.head.hash if report.head else None,
            "found": report.found,
            "findings": [one.as_dict() for one in report.findings],
            "notes": [str(one) for one in report.notes],
        }
    )


def _told(one: Finding) -> list[Any]:
    places = (one.segment, one.position, one.entry)
    return [*("" if n is None else str(n) for n in places), one.side or "", one.means]


def _entry(one: LedgerEntry) -> dict[str, Any]:
    names = ("id", "at", "account", "organization", "post", "action", "object", "door", "case", "grant",
             "purpose", "fields", "subject_count", "outcome", "position")  # fmt: skip
    return {name: getattr(one, name) for name in names}
