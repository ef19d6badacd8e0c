"""`jingwei source check`: whether a contract's source can be read, step by step, without reading it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from jingwei.catalog.contracts import Contract
from jingwei.cli.frame import Output, command
from jingwei.collection import incremental, service, sources, watching
from jingwei.collection.connectors.base import STEPS, Finding, for_format
from jingwei.collection.connectors.database.address import masked
from jingwei.kernel.errors import EXIT_BAD_INPUT, EXIT_DONE, BadInput, JingweiError
from jingwei.kernel.text import Text

MARKS = {True: "✓", False: "✗", None: "?"}
SECRET = re.compile(r"(?i)\b((?:pass(?:word|wd)?|pwd|secret|token|api[-_]?key)\s*[=:]\s*)[^\s;&,'\"]+")


class NothingNamed(BadInput):
    code = "nothing-named"
    what = Text("没有说检查哪个资源。", "No resource was named.")
    do = Text("给出资源名，或用 --all 检查全部。", "Name a resource, or check them all with --all.")


def add_to(group: click.Group) -> None:
    @group.group()
    def source() -> None:
        """Where contracts read from."""

    @command(source, "check")
    @click.argument("resource", required=False)
    @click.option("--all", "everything", is_flag=True, help="Check every contract that has a source.")
    def check(out: Output, resource: str | None, everything: bool) -> int:
        """Try RESOURCE's source step by step: reachable, signed in, table there, rights enough, clock sane."""
        if everything == (resource is not None):
            raise NothingNamed()
        chosen = (
            [one for one in service.resources().values() if one.server]
            if everything
            else [service.contract_of(str(resource))]
        )
        told = []
        for contract in chosen:
            findings = list(_checked(contract))
            _tell(out, contract, findings)
            told.append(_as_dict(contract, findings))
        wrong = sum(not one["ok"] for one in told)
        if everything:
            said = Text("{n} 个来源，{wrong} 个有问题", "{n} sources, {wrong} with something wrong")
            out.say(said.fill(n=len(told), wrong=wrong))
        out.result({"sources": told, "wrong": wrong} if everything else told[0])
        return EXIT_BAD_INPUT if wrong else EXIT_DONE


def _checked(contract: Contract) -> Iterator[Finding]:
    """The connector's own findings; what keeps it from being asked at all is the first of them."""
    try:
        if watching.is_watched(contract):
            yield _folder(contract)
            return
        found = replace(sources.source_of(contract, None), part=incremental.part_asked(contract))
        connector = for_format(found.format)
        if connector is None:
            raise LookupError(found.format)
        yield from connector.check(found)
    except JingweiError as exc:
        yield Finding("reachable", False, exc.what, do=exc.do)


def _folder(contract: Contract) -> Finding:
    """A watched folder is in order where it can be listed; what lies there is for the plan."""
    found = watching.waiting(contract)
    said = Text(
        "文件夹打得开，{ready} 个文件可读，{waiting} 个还在等",
        "the folder opens, {ready} files to read, {waiting} wait",
    )
    return Finding("open", True, said.fill(ready=len(found.ready), waiting=len(found.waiting)))


def _tell(out: Output, contract: Contract, findings: list[Finding]) -> None:
    out.say(f"{contract.id}  {_place(contract)}")
    for one in findings:
        title = STEPS.get(one.step, Text(one.step, one.step))
        out.say(f"  {MARKS[one.ok]} {title}  {_hidden(one.said)}  {one.seconds:.2f} s")
        if one.do is not None and one.ok is not True:
            out.say(f"      {_hidden(one.do)}")


def _as_dict(contract: Contract, findings: list[Finding]) -> dict[str, Any]:
    steps = [
        {
            "step": one.step,
            "ok": one.ok,
            "said": _hidden(one.said),
            "seconds": round(one.seconds, 3),
            "do": _hidden(one.do) if one.do is not None and one.ok is not True else None,
        }
        for one in findings
    ]
    ok = bool(findings) and all(one.ok is not False for one in findings)
    return {"resource": contract.id, "location": _place(contract), "ok": ok, "steps": steps}


def _place(contract: Contract) -> str:
    return masked(contract.server.location) if contract.server else ""


def _hidden(text: Text) -> str:
    """A driver may put into its message what it was given to sign in with."""
    return SECRET.sub(r"\1***", masked(str(text)))
