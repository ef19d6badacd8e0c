"""A proposal as the YAML file a person will edit: beside each line what speaks for it.

Comments hold the confidence (0 to 1) and the evidence in the reader's language. Nothing else distinguishes
the file from one written by hand; `jingwei contract check` accepts it as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jingwei.collection.understanding.propose import FieldProposal, Proposal
from jingwei.collection.understanding.rules import Kept
from jingwei.kernel.text import Text

WIDTH = 150
MOST_NOTES = 20


def contract_yaml(proposal: Proposal) -> str:
    """The contract's file."""
    return "\n".join(_lines(proposal)) + "\n"


def _lines(proposal: Proposal) -> Iterator[str]:
    table = proposal.table
    name = (
        table.title or Path(urlsplit(table.location).path).stem
        if table.sheet is None
        else table.title or table.sheet
    )
    yield _remark(
        Text(
            "由 jingwei contract infer 提出，请核对后使用。注释里的数字是把握（0 到 1）。",
            "Proposed by jingwei contract infer: look it over. Numbers in comments tell how sure it is (0 to 1).",
        )
    )
    yield _remark(
        Text(
            "看了 {judged} 行，照此契约会通过 {expected} 行（主键重复的另计）。",
            "Of {judged} rows looked at, {expected} would be accepted (repeated keys apart).",
        ).fill(judged=f"{proposal.judged:,}", expected=f"{proposal.expected:,}")
    )
    for note in table.notes[:MOST_NOTES]:
        yield _remark(note)
    for header, why in proposal.left_out:
        yield _remark(Text("没有收 {header}：{why}", "left out {header}: {why}").fill(header=header, why=why))
    yield "apiVersion: v3.1.0"
    yield "kind: DataContract"
    yield f"id: {proposal.id}"
    yield f"name: {_text(name)}"
    yield "version: 0.1.0"
    yield "status: draft"
    yield "description:"
    purpose = f"{name}（单位：{table.unit}）" if table.unit else name
    yield f"  purpose: {_text(purpose)}"
    footnotes = " ".join(str(note["text"]) for note in table.facts.get("footnotes", []))
    if footnotes:
        yield f"  limitations: {_text(footnotes[:600])}"
    yield "servers:"
    yield from _server(proposal)
    yield "schema:"
    yield f"  - name: {proposal.id.rsplit('.', 1)[1]}"
    yield f"    physicalName: {_text(_physical(proposal))}"
    yield "    properties:"
    for field in proposal.fields:
        yield from _field(field, proposal)
    if proposal.rules:
        yield "    quality:"
        for rule in proposal.rules:
            yield from _rule(rule, "      ")
    yield from _properties(proposal, name)


def _physical(proposal: Proposal) -> str:
    table = proposal.table
    return table.sheet or table.options.get("sheets") or Path(urlsplit(table.location).path).stem


def _field(field: FieldProposal, proposal: Proposal) -> Iterator[str]:
    told = [str(field.meaning)]
    told.append(
        str(
            Text("空 {empty}，不同的值 {distinct}", "{empty} empty, {distinct} different").fill(
                empty=f"{field.empty:,}", distinct=f"{field.distinct:,}"
            )
        )
    )
    if field.examples:
        told.append(str(Text("如 ", "such as ")) + " | ".join(field.examples))
    yield f"      - name: {field.name}"
    yield f"        physicalName: {_text(field.header)}"
    yield f"        logicalType: {field.type}  # {_flat(' · '.join(told))}"
    for note in field.notes:
        yield f"        # {_flat(str(note))}"
    if field.required:
        yield "        required: true" + ("" if field.key else f"  # {_flat(str(_full(proposal)))}")
    if field.key:
        said = f"  # {_flat(str(proposal.key))}" if field.key == 1 else ""
        yield f"        primaryKey: true{said}"
        yield f"        primaryKeyPosition: {field.key}"
    yield f"        classification: {field.classification}"
    if field.reference:
        yield from _reference(field)
    yield "        customProperties:"
    yield f"          - {{property: element, value: {field.element}}}"
    title = f"{{zh: {_text(field.title.zh)}, en: {_text(field.title.en)}}}"
    yield f"          - {{property: title, value: {title}}}"
    if field.on_fault == "void":
        why = Text("{n} 个值不合格，作废而不隔离整行", "{n} values are wrong: set aside, the rows accepted")
        yield f"          - {{property: onFault, value: void}}  # {_flat(str(why.fill(n=field.faulty)))}"
    if field.rules:
        yield "        quality:"
        for rule in field.rules:
            yield from _rule(rule, "          ")


def _full(proposal: Proposal) -> Text:
    return Text("{n} 行都有值", "filled in all {n} rows").fill(n=f"{proposal.judged:,}")


def _reference(field: FieldProposal) -> Iterator[str]:
    """A relationship; only told where some values are missing there, for it would refuse their rows."""
    reference = field.reference
    if reference is None:
        return
    mark = "" if reference.all_there else "# "
    yield f"        {mark}relationships:  # {_flat(str(reference.said))}"
    yield f"        {mark}  - {{type: foreignKey, to: {reference.to}}}"


def _rule(kept: Kept, indent: str) -> Iterator[str]:
    rule = kept.rule
    yield f"{indent}- name: {rule.name}  # {_flat(str(kept.said))}"
    yield f"{indent}  type: custom"
    yield f"{indent}  engine: jingwei"
    yield f"{indent}  implementation: {_text(rule.condition)}"
    yield f"{indent}  dimension: {rule.dimension}"
    yield f"{indent}  severity: {kept.severity}"
    yield f"{indent}  description: {_text(f'{rule.title.zh} | {rule.title.en}')}"


def _properties(proposal: Proposal, name: str) -> Iterator[str]:
    yield "customProperties:"
    where = Text("哪个部门提供的？", "which department provides it?")
    yield f"  - {{property: organization, value: {_text(str(Text('待填', 'to be filled in')))}}}  # {where}"
    yield f"  - {{property: title, value: {{zh: {_text(name)}, en: {_text(name)}}}}}"
    if proposal.as_of:
        yield f"  - {{property: asOf, value: {proposal.as_of[0]}}}  # {_flat(str(proposal.as_of[1]))}"
    refresh = Text(
        "来的文件总是全表时改成 full，没来的主键就会删去",
        "if every file is the whole table, say full: keys that do not come are then removed",
    )
    yield f"  - {{property: refresh, value: upsert}}  # {refresh}"
    wide = proposal.table.wide
    if wide:
        made = wide.unpivot
        listed = f"columns: {_text(made.columns)}, into: {_text(made.into)}, value: {_text(made.value)}"
        yield f"  - {{property: unpivot, value: {{{listed}}}}}  # {_flat(str(wide.said))}"


def _server(proposal: Proposal) -> Iterator[str]:
    table = proposal.table
    address = urlsplit(table.location) if "://" in table.location else None
    if address and address.scheme in ("postgres", "postgresql", "mysql", "mariadb"):
        kind = "mysql" if address.scheme in ("mysql", "mariadb") else "postgres"
        yield "  - server: source"
        yield f"    type: {kind}"
        yield f"    host: {_text(address.hostname or 'localhost')}"
        yield f"    port: {address.port or (3306 if kind == 'mysql' else 5432)}"
        yield f"    database: {_text(unquote(address.path.lstrip('/')))}"
        schema = parse_qs(address.query).get("schema", ["public"])[0]
        if kind == "postgres":
            yield f"    schema: {_text(schema)}"
        options: dict[str, Any] = {"user": unquote(address.username)} if address.username else {}
    else:
        path = unquote(address.path) if address else table.location
        where = Text("相对于本节点的来源文件夹", "from the node's folder of sources")
        yield "  - server: source"
        yield "    type: local"
        yield f"    path: {_text(Path(path).name)}  # {where}"
        yield f"    format: {table.format}"
        options = {_camel(key): value for key, value in table.options.items()}
    if options:
        yield "    customProperties:"
        for key, value in options.items():
            yield f"      - {{property: {key}, value: {json.dumps(value, ensure_ascii=False)}}}"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _text(value: str) -> str:
    """A string of YAML: plain where nothing in it means anything else, quoted where it might."""
    flat = " ".join(value.split())
    return json.dumps(flat, ensure_ascii=False)


def _remark(text: Text) -> str:
    return f"# {_flat(str(text))}"


def _flat(text: str) -> str:
    """A comment in one line of bearable length; signs that end a line or steer a terminal are gone."""
    flat = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    return flat if len(flat) <= WIDTH else flat[: WIDTH - 1] + "…"
