"""Splink by itself on a set, configured as its own documentation configures it for that set.

`python benchmarks/peers/splink_sets.py febrl3|fake_1000 FILE` with the project's interpreter prints JSON:
pairwise precision, recall and F1 of the clusters at the tutorial's threshold, and at the best of many,
which nobody without the truth could choose.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999)


def febrl3(con: duckdb.DuckDBPyConnection, file: str) -> tuple[Linker, str, float]:
    """The example "Deduplicating the febrl3 dataset"."""
    con.execute(f"CREATE TABLE raw AS FROM read_csv('{file}', all_varchar=true, header=true)")
    names = [row[0] for row in con.execute("DESCRIBE raw").fetchall()]
    columns = ", ".join(f'nullif(trim("{name}"), \'\') AS "{name.strip()}"' for name in names)
    con.execute(
        f"CREATE TABLE records AS SELECT *, split_part(rec_id, '-', 2) AS cluster FROM (SELECT {columns} FROM raw)"
    )
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("soc_sec_id"), block_on("given_name"), block_on("surname"), block_on("date_of_birth"), block_on("postcode"),
        ],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
    )  # fmt: skip
    linker = Linker(DuckDBAPI(connection=con).register("records"), settings)
    swapped = "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"), swapped], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for column in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
    return linker, "rec_id", 0.2


def fake_1000(con: duckdb.DuckDBPyConnection, file: str) -> tuple[Linker, str, float]:
    """The tutorial, parts 4 and 5."""
    con.execute(
        f"CREATE TABLE records AS SELECT *, CAST(dob AS VARCHAR) AS dob_text FROM read_csv('{file}', header=true)"
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.LevenshteinAtThresholds("dob_text", 1),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[block_on("first_name", "city"), block_on("surname")],
    )
    linker = Linker(DuckDBAPI(connection=con).register("records"), settings)
    near = "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2"
    linker.training.estimate_probability_two_random_records_match(
        [block_on("first_name", "dob"), near, block_on("email")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=2)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker, "unique_id", 0.2


SETS: dict[str, Callable[[duckdb.DuckDBPyConnection, str], tuple[Linker, str, float]]] = {
    "febrl3": febrl3,
    "fake_1000": fake_1000,
}


def pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def agreement(rows: list[tuple[Any, Any]]) -> dict[str, float]:
    """Pairwise figures of (found, true) of every record."""
    linked = pairs(Counter(found for found, _ in rows).values())
    true = pairs(Counter(truth for _, truth in rows).values())
    both = pairs(Counter(rows).values())
    precision, recall = both / max(linked, 1), both / max(true, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * both / max(linked + true, 1)}


def main() -> None:
    logging.disable(logging.WARNING)
    name, file = sys.argv[1:3]
    con = duckdb.connect()
    linker, key, usual = SETS[name](con, file)
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    at = {}
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
        rows = con.execute(
            f"SELECT c.cluster_id, r.cluster FROM {clusters.physical_name} c JOIN records r ON r.{key} = c.{key}"
        ).fetchall()
        at[threshold] = agreement(rows)
    best = max(at, key=lambda threshold: at[threshold]["f1"])
    print(json.dumps({"tutorial": {**at[usual], "at": usual}, "best": {**at[best], "at": best}}))


if __name__ == "__main__":
    main()
