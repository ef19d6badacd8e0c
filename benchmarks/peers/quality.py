"""The fifteen rules of benchmarks/quality.py in the peers' own words. Runs in the peers' environment.

    python peers/quality.py pandera|pandera-list|great-expectations ROWS.parquet COMMUNITIES.csv

Prints how many rules found something wrong.
"""

# ruff: noqa: PLC0415 (each peer pays for its own libraries, not for the other's)

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

NUMBER = "^[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$"
PHONE = "^1[3-9][0-9]{9}$"
CREDIT = "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
FIRST, LAST = date(1900, 1, 1), date(2026, 1, 1)


def communities(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").split()[1:]


def pandera(table: str, reference: str) -> str:
    """Each rule is one expression that comes down to true or false: the least pandera can be asked."""
    import pandera.polars as pa
    import polars as pl

    column = pl.col
    rules = {
        "id": column("id_number").str.contains(NUMBER),
        "phone": column("phone").str.contains(PHONE),
        "credit": column("credit_code").str.contains(CREDIT),
        "sex": column("sex").is_in(["1", "2"]),
        "length": column("record_number").str.len_bytes() == 9,
        "address": column("address").str.len_chars() >= 6,
        "income": column("income").is_between(0, 1_000_000),
        "born": column("birth_date").is_between(FIRST, LAST),
        "insured": column("insured_on") >= column("birth_date"),
        "updated": column("updated_on") >= column("insured_on"),
        "birth": column("id_number").str.slice(6, 8) == column("birth_date").dt.strftime("%Y%m%d"),
        "sex-number": (column("id_number").str.slice(16, 1).cast(pl.Int8, strict=False) % 2 == 1)
        == (column("sex") == "1"),
        "community": column("community").is_in(communities(reference)),
        "name": column("name").is_not_null(),
        "unique": column("record_number").is_unique(),
    }
    checks = [
        pa.Check(lambda data, rule=rule: data.lazyframe.select(rule.all()), name=name)
        for name, rule in rules.items()
    ]
    return _validated(pa.DataFrameSchema({}, checks=checks), pl.read_parquet(table))


def pandera_list(table: str, reference: str) -> str:
    """As pandera's own pages write rules, with the list of failure cases."""
    import pandera.polars as pa
    import polars as pl

    column = pl.col
    across = {
        "insured": column("insured_on") >= column("birth_date"),
        "updated": column("updated_on") >= column("insured_on"),
        "birth": column("id_number").str.slice(6, 8) == column("birth_date").dt.strftime("%Y%m%d"),
        "sex-number": (column("id_number").str.slice(16, 1).cast(pl.Int8, strict=False) % 2 == 1)
        == (column("sex") == "1"),
    }
    check = pa.Check
    schema = pa.DataFrameSchema(
        {
            "record_number": pa.Column(str, check.str_length(9, 9), unique=True),
            "name": pa.Column(str),
            "id_number": pa.Column(str, check.str_matches(NUMBER)),
            "sex": pa.Column(str, check.isin(["1", "2"])),
            "birth_date": pa.Column(pl.Date, check.in_range(FIRST, LAST)),
            "phone": pa.Column(str, check.str_matches(PHONE)),
            "credit_code": pa.Column(str, check.str_matches(CREDIT)),
            "community": pa.Column(str, check.isin(communities(reference))),
            "address": pa.Column(str, check.str_length(6, 200)),
            "income": pa.Column(pl.Decimal(18, 2), check.in_range(0, 1_000_000)),
        },
        checks=[check(lambda data, rule=rule: data.lazyframe.select(rule), name=name) for name, rule in across.items()],
    )  # fmt: skip
    return _validated(schema, pl.read_parquet(table))


def _validated(schema: Any, table: Any) -> str:
    import pandera.polars as pa

    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as found:
        return f"{len(found.schema_errors)} rules broken"
    return "0 rules broken"


def great_expectations(table: str, reference: str) -> str:
    """On pandas, its engine without a server. Comparisons of columns that no expectation knows are columns
    worked out before."""
    import great_expectations as gx
    import pandas as pd

    frame = pd.read_parquet(table)
    frame["income"] = frame["income"].astype(float)
    for name in ("birth_date", "insured_on", "updated_on"):
        frame[name] = pd.to_datetime(frame[name])
    frame["born_in_number"] = frame["id_number"].str.slice(6, 14)
    frame["born"] = frame["birth_date"].dt.strftime("%Y%m%d")
    frame["sex_in_number"] = frame["id_number"].str.slice(16, 17).isin(list("13579"))
    frame["is_male"] = frame["sex"] == "1"
    e = gx.expectations
    rules = [
        e.ExpectColumnValuesToMatchRegex(column="id_number", regex=NUMBER),
        e.ExpectColumnValuesToMatchRegex(column="phone", regex=PHONE),
        e.ExpectColumnValuesToMatchRegex(column="credit_code", regex=CREDIT),
        e.ExpectColumnValuesToBeInSet(column="sex", value_set=["1", "2"]),
        e.ExpectColumnValueLengthsToEqual(column="record_number", value=9),
        e.ExpectColumnValueLengthsToBeBetween(column="address", min_value=6),
        e.ExpectColumnValuesToBeBetween(column="income", min_value=0, max_value=1_000_000),
        e.ExpectColumnValuesToBeBetween(column="birth_date", min_value=FIRST, max_value=LAST),
        e.ExpectColumnPairValuesAToBeGreaterThanB(column_A="insured_on", column_B="birth_date", or_equal=True),
        e.ExpectColumnPairValuesAToBeGreaterThanB(column_A="updated_on", column_B="insured_on", or_equal=True),
        e.ExpectColumnPairValuesToBeEqual(column_A="born_in_number", column_B="born"),
        e.ExpectColumnPairValuesToBeEqual(column_A="sex_in_number", column_B="is_male"),
        e.ExpectColumnValuesToBeInSet(column="community", value_set=communities(reference)),
        e.ExpectColumnValuesToNotBeNull(column="name"),
        e.ExpectColumnValuesToBeUnique(column="record_number"),
    ]  # fmt: skip
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("rows").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name="rules", expectations=rules)
    # Its leanest answer: yes or no, without examples.
    found = batch.validate(suite, result_format="BOOLEAN_ONLY")
    return f"{sum(not one.success for one in found.results)} rules broken"


if __name__ == "__main__":
    peer, table, reference = sys.argv[1:]
    known = {
        "pandera": pandera,
        "pandera-list": pandera_list,
        "great-expectations": great_expectations,
    }
    print(known[peer](table, reference))
