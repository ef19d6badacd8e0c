"""Which columns hold the keys of resources the node collects already, by the values themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jingwei.catalog.contracts import Contract, Field
from jingwei.catalog.sql import identifier, text_list
from jingwei.collection.understanding.said import Said
from jingwei.engines import lake
from jingwei.kernel.home import home
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

LEAST = 5
"""Different values a column needs before it can refer to anything."""

NEARLY = 0.8
"""Share of the values that must be there to be worth telling."""

NEVER = (
    *("date", "timestamp", "year_month", "decimal", "money", "yes_no", "sex", "marital_status", "education"),
    *("person_name", "address", "mobile_phone", "landline"),
)


@dataclass(frozen=True)
class Reference:
    """`to` is `resource.field`; `all_there` whether every value was found (else the rule would refuse rows)."""

    to: str
    said: Said
    all_there: bool


def references(columns: Mapping[str, tuple[str, Sequence[str]]], own: str) -> dict[str, Reference]:
    """For columns, given by field name as (element, different values in standard form): where they lead.
    Nothing where the node has no lake yet."""
    tried = {
        name: (element, [str(value) for value in values])
        for name, (element, values) in columns.items()
        if element not in NEVER and len(values) >= LEAST
    }
    if not tried or not (home() / "lake").is_dir():
        return {}
    found: dict[str, Reference] = {}
    engine = lake()
    with engine.read() as con:
        for contract, field in _keys(own):
            if not engine.exists(con, "standard", contract.id):
                continue
            for name, (element, values) in tried.items():
                if _alike(element, field.element_name):
                    made = _overlap(con, contract.id, field.name, values)
                    if made and (name not in found or made.said.confidence > found[name].said.confidence):
                        found[name] = made
    return found


def _keys(own: str) -> Iterator[tuple[Contract, Field]]:
    """Fields that tell the rows of other resources apart."""
    for contract in installed().section("contracts").values():
        if contract.id == own:
            continue
        for field in contract.fields:
            alone = field.key and len(contract.keys) == 1
            if alone or field.unique or field.element_name in ("resident_id", "credit_code"):
                yield contract, field


def _alike(element: str, other: str) -> bool:
    plain = ("plain_text", "integer")
    return element == other or (element in plain and other in plain)


def _overlap(con: Any, resource: str, field: str, values: Sequence[str]) -> Reference | None:
    place = f"lake.standard.{identifier(resource)}"
    query = (
        f"SELECT count(*) FROM (SELECT unnest({text_list(list(values))}) AS v) WHERE v IN"
        f" (SELECT CAST({identifier(field)} AS VARCHAR) FROM {place})"
    )
    there = int(con.execute(query).fetchall()[0][0])
    share = there / len(values)
    if share < NEARLY:
        return None
    said = Text(
        "抽查 {n} 个值，{there} 个在 {resource}.{field} 里",
        "of {n} values tried {there} are in {resource}.{field}",
    ).fill(n=len(values), there=there, resource=resource, field=field)
    sure = share * min(1.0, 0.6 + len(values) / 250)
    return Reference(f"{resource}.{field}", Said(min(0.98, sure), said), there == len(values))
