"""What is wrong with a declared element beyond its shape: names nobody defined, SQL that does not compile.

Everything is asked of DuckDB itself, on an empty relation: nothing is run, nothing of the node is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

import duckdb

from jingwei.catalog.elements import Element, names_in
from jingwei.catalog.values import Column, Standardizer, reason_sql, scratch, standardize_sql
from jingwei.kernel.text import Text
from jingwei.packs import limits
from jingwei.packs.declarations import Fault, nearest
from jingwei.packs.sections import Declared, Everything

UNKNOWN_NAME = Text("不认识 {{{name}}}{hint}", "does not know {{{name}}}{hint}")
NEAR = Text("，是不是 {{{near}}}？", "; did you mean {{{near}}}?")
UNKNOWN_LIST = Text("代码表 {name} 没有声明", "the code list {name} is not declared")
NOT_SQL = Text("SQL 不成立：{said}", "is not valid SQL: {said}")


def check(declared: Mapping[str, Declared], everything: Everything) -> Iterator[Fault]:
    """Faults of meaning of all elements."""
    lists = everything.get("codes", {})
    for one in declared.values():
        element: Element = one.value
        names = [
            (("element",), element.element),
            (("title",), element.title.zh),
            (("title",), element.title.en),
        ]
        faults = [*limits.faults(one, names), *_names(one, element)]
        if element.codes and element.codes not in lists:
            text = UNKNOWN_LIST.fill(name=element.codes)
            faults.append(one.fault(("codes",), text, "unknown-code-list"))
        yield from faults or _sql(
            one, Standardizer(element, lists[element.codes].value if element.codes else None)
        )


def _names(one: Declared, element: Element) -> Iterator[Fault]:
    """A brace that names nothing would reach the database as text and mean something else."""
    pieces = [(at, sql, names) for at, sql, names in element.names()]
    for index, checked in enumerate(element.checks):
        names = {"value", *checked.details}
        pieces += [(("checks", index, "message"), text, names) for text in checked.message.text()]
    for at, sql, known in pieces:
        for name in names_in(sql):
            if name not in known:
                near = nearest(name, known)
                hint = NEAR.fill(near=near) if near else Text("", "")
                yield one.fault(at, UNKNOWN_NAME.fill(name=name, hint=hint), "unknown-name")


def _sql(one: Declared, standardizer: Standardizer) -> Iterator[Fault]:
    """The whole element first (one question when all is well); piece by piece only to find the culprit."""
    if _compiles(_whole(standardizer)) is None:
        return
    found = False
    for at, sql, _ in standardizer.element.names():
        if "parts" in at or "quick" in at:
            continue
        said = _compiles(
            f"SELECT {standardizer.element.put(sql, 'value')} FROM (SELECT ''::VARCHAR AS value)"
        )
        if said:
            found = True
            yield one.fault(at, NOT_SQL.fill(said=said), "not-sql")
    if not found:
        yield one.fault(("element",), NOT_SQL.fill(said=_compiles(_whole(standardizer))), "not-sql")


def _whole(standardizer: Standardizer) -> str:
    column = Column("value", standardizer, "given")
    element = standardizer.element
    facts = [element.derived_sql(name, '"value"') for name in element.derived]
    rows = standardize_sql("(SELECT ''::VARCHAR AS given)", [column])
    return f"SELECT {', '.join([reason_sql(column), element.mask_sql('value'), *facts])} FROM ({rows})"


@lru_cache(maxsize=4096)
def _compiles(query: str) -> str | None:
    """What the database has against a query that is one SELECT; None where nothing.

    The same answer for the same words: a pack that is read again asks about what changed alone.
    """
    try:
        statements = duckdb.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            return "more than an expression"
        scratch().execute(f"EXPLAIN {query}")
    except duckdb.Error as exc:
        return str(exc).split("\n")[0][:200]
    return None
