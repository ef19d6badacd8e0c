"""Features of records: what comparers look at, computed in SQL, with dictionaries of distinct values.

linking (rid, one text column a field) ──┬─▶ dictionaries: distinct names → pinyin, parts
                                         └─▶ SELECT of any features by name
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from jingwei.registers.declaration import Comparison, Matching
from jingwei.registers.matching.comparers import COMPARERS, Dictionary


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Features:
    """The features of one matching declaration over a table of records `linking(rid, <field> VARCHAR ...)`."""

    matching: Matching
    linking: str = "linking"
    name: str = "matching"

    def fields(self) -> list[str]:
        """Fields the matching looks at, for the table of records to hold."""
        named = [f for c in self.matching.comparisons for f in (c.field, c.also) if f]
        named += [part.split(".")[0] for rule in self.matching.blocking for part in rule]
        return list(dict.fromkeys(named))

    def column(self, index: int, feature: str) -> str:
        return f"c{index}_{feature}"

    def prepare(self, con: duckdb.DuckDBPyConnection) -> None:
        """Makes the dictionaries of distinct values, each a temporary table."""
        for index, comparison in enumerate(self.matching.comparisons):
            comparer = COMPARERS[comparison.kind]
            for side, field, make in (
                ("value", comparison.field, comparer.dictionary),
                ("also", comparison.also, comparer.also_dictionary),
            ):
                if make and field:
                    self._dictionary(con, f"{self.name}_{index}_{side}", field, make)

    def _dictionary(self, con: duckdb.DuckDBPyConnection, table: str, field: str, make: Dictionary) -> None:
        column = quoted(field)
        values = con.execute(f"SELECT DISTINCT {column} FROM {self.linking} WHERE {column} IS NOT NULL")
        entries = make(row[0] for row in iter(values.fetchone, None))
        con.register("dictionary_entries", entries)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM dictionary_entries")
        con.unregister("dictionary_entries")

    def select(
        self, wanted: Iterable[tuple[int, str]] | None = None, where: str = "", extra: str = "rid"
    ) -> str:
        """SQL of `extra` columns and features (comparison number, feature name); all features when None."""
        if wanted is None:
            wanted = [
                (i, f) for i, c in enumerate(self.matching.comparisons) for f in COMPARERS[c.kind].features
            ]
        columns = [extra]
        joins: dict[str, None] = {}
        for index, feature in dict.fromkeys(wanted):
            expression, needed = self._expression(index, self.matching.comparisons[index], feature)
            columns.append(f"{expression} AS {self.column(index, feature)}")
            joins |= dict.fromkeys(needed)
        return f"SELECT {', '.join(columns)} FROM {self.linking} r {' '.join(joins)} {where}"

    def _expression(self, index: int, comparison: Comparison, feature: str) -> tuple[str, list[str]]:
        """SQL of a feature over `r`, and the joins it needs."""
        comparer = COMPARERS[comparison.kind]
        value = f"r.{quoted(comparison.field)}"
        also = f"r.{quoted(comparison.also)}" if comparison.also else "CAST(NULL AS VARCHAR)"
        if feature in comparer.value:
            return comparer.value[feature].replace("{value}", value), []
        if feature in comparer.also:
            return comparer.also[feature].replace("{also}", also), []
        if feature in comparer.made:
            sql, joins = comparer.made[feature], []
            for other in (*comparer.value, *comparer.also, *comparer.entry, *comparer.also_entry):
                if f"{{{other}}}" in sql:
                    expression, needed = self._expression(index, comparison, other)
                    sql = sql.replace(f"{{{other}}}", expression)
                    joins += needed
            return sql, joins
        side, source = ("value", value) if feature in comparer.entry else ("also", also)
        if side == "also" and not comparison.also:
            return "CAST(NULL AS VARCHAR)", []
        table = f"{self.name}_{index}_{side}"
        return f"{table}.{feature}", [f"LEFT JOIN {table} ON {table}.value = {source}"]

    def part(self, name: str) -> tuple[int, str] | str:
        """A part of a blocking rule: a feature of a comparison, or a bare field where nothing compares it."""
        field, _, feature = name.partition(".")
        for index, comparison in enumerate(self.matching.comparisons):
            features = COMPARERS[comparison.kind].features
            if comparison.field == field and (feature or "value") in features:
                return index, feature or "value"
        return field
