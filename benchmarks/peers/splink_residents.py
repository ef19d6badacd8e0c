"""Splink alone over residents: comparisons and blocking as its documentation has them for persons.

`python benchmarks/peers/splink_residents.py ROWS.parquet CLUSTERS.parquet`. Rows have rid, name, birth_date, id_number,
phone, address; the clusters at 0.95 and 0.99 are written beside the rid. Its whole CPU time is what is compared.
"""

from __future__ import annotations

import logging
import sys

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.95, 0.99)


def main() -> None:
    logging.disable(logging.WARNING)
    rows, clusters = sys.argv[1:3]
    con = duckdb.connect()
    con.execute(f"CREATE TABLE residents AS FROM '{rows}'")
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="rid",
        blocking_rules_to_generate_predictions=[
            block_on("id_number"), block_on("name", "birth_date"), block_on("phone"), block_on("name", "address"),
            block_on("birth_date", "address"),
        ],
        comparisons=[
            cl.NameComparison("name"),
            cl.DateOfBirthComparison("birth_date", input_is_string=True),
            cl.LevenshteinAtThresholds("id_number", [1, 2]),
            cl.LevenshteinAtThresholds("phone", [1]),
            cl.LevenshteinAtThresholds("address", [1, 3]),
        ],
    )  # fmt: skip
    linker = Linker(DuckDBAPI(connection=con).register("residents"), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("id_number"), block_on("name", "birth_date", "phone")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for rule in (block_on("id_number"), block_on("name", "birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    found = [linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, at) for at in THRESHOLDS]
    low, high = (one.physical_name for one in found)
    con.execute(
        f"COPY (SELECT a.rid, a.cluster_id AS at_95, b.cluster_id AS at_99 FROM {low} a JOIN {high} b ON b.rid = a.rid) "
        f"TO '{clusters}'"
    )


if __name__ == "__main__":
    main()
