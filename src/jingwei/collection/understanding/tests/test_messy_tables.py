"""Whatever a department puts around its table, the records that come out are those that went in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jingwei.collection.understanding import service, understand
from jingwei.collection.understanding.tests.messy import Messy, messy_tables


def understood(made: Messy, suffix: str) -> tuple[list[str], list[list[str]], dict]:
    with tempfile.TemporaryDirectory() as folder:
        path = made.write(Path(folder) / f"table{suffix}")
        table = understand(str(path)).tables[0]
        kept = [at for at, column in enumerate(table.columns) if column.left_out is None]
        rows = [[row[at] for at in kept] for _, batch in service.rows(table) for row in batch]
        return [table.columns[at].header for at in kept], rows, table.facts


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_records_come_out_as_they_went_in(suffix, data):
    made = data.draw(messy_tables(suffix))
    names, rows, facts = understood(made, suffix)
    assert rows == made.truth()
    if made.levels == 2:
        assert names[0] == "街道"
        assert [name.rsplit("-", 1)[-1] for name in names[1:]] == list(made.measures)
    totals = [row["text"].split()[0] for row in facts.get("totals", [])]
    assert len(totals) == bool(made.total) + made.subtotals
    assert len(facts.get("footnotes", [])) >= len(made.footnotes)
    assert bool(facts.get("tables_below")) == made.other_below
