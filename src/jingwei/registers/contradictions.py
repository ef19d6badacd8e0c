"""Numbers that two people use: told to the departments that provide them.

register."<r>.records" with the note `contradicted:<field>` ─▶ an order to the source of each row, once

The linking keeps such rows apart (`identifiers`); only the provider knows whose number it is.
"""

from __future__ import annotations

import duckdb

from jingwei.catalog.sql import quoted as literal
from jingwei.collection.workorders.disputes import Doubt, doubt
from jingwei.registers.linking import records_table
from jingwei.registers.sources import Declared

BY = "jingwei link"
EACH = 500
"""Orders opened for one source at a time: who has more has another trouble, and gets the next when these are done."""
SAID = "这一号码在别处属于另一人 / elsewhere this number is somebody else's"


def tell(con: duckdb.DuckDBPyConnection, declared: Declared) -> int:
    """Opens the orders that are not there yet; how many."""
    opened = 0
    for identifier in declared.register.identifiers:
        rows = con.execute(
            f"SELECT resource, record_key, entity_id FROM {records_table(declared.name)}"
            f" WHERE note = {literal('contradicted:' + identifier.field)} ORDER BY resource, record_key"
        ).fetchall()
        for source in declared.register.sources:
            theirs = source.map.get(identifier.field)
            contract = declared.contracts.get(source.resource)
            doubts = [
                Doubt(key, f"{declared.name}/{entity}")
                for name, key, entity in rows
                if name == source.resource
            ]
            if doubts and theirs and contract is not None:
                opened += doubt(contract, theirs, SAID, doubts[:EACH], BY)
    return opened
