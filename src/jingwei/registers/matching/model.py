"""Splink's model of a register: what each level of agreement weighs, learned from the data.

u (how often strangers agree) comes from pairs of a sample. m (how often records of one entity agree)
comes from records that share a valid identifier, labels that cost nothing; where no record has
one, from expectation maximisation over the blocking rules. Parameters are rounded so that the
order of additions cannot change a decision.
"""

from __future__ import annotations

import logging
import math
import warnings
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from jingwei.registers.matching.blocking import splink_rules
from jingwei.registers.matching.comparers import COMPARERS
from jingwei.registers.matching.features import Features

logging.getLogger("splink").setLevel(logging.ERROR)

SAMPLE_FOR_CHANCE = 1200
SAMPLE_FOR_AGREEMENT = 20000
SAMPLE_FOR_MAXIMISATION = 40000
LEAST_PAIRS = 50


class Model:
    """One register's comparisons as Splink settings; `train` fills in the probabilities, `score` uses them."""

    def __init__(self, con: duckdb.DuckDBPyConnection, features: Features) -> None:
        self.con = con
        self.features = features
        self.api = DuckDBAPI(connection=con)
        self.settings: dict[str, Any] = {
            "link_type": "dedupe_only",
            "unique_id_column_name": "rid",
            "comparisons": [self._comparison(i) for i in range(len(features.matching.comparisons))],
            "blocking_rules_to_generate_predictions": [],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": False,
            "max_iterations": 40,
        }

    def _comparison(self, index: int) -> dict[str, Any]:
        declared = self.features.matching.comparisons[index]
        comparer = COMPARERS[declared.kind]
        counts = comparer.frequency if declared.frequency is None else declared.frequency
        names = {f: self.features.column(index, f) for f in comparer.features}
        sides = {f"{f}_{s}": f"{names[f]}_{s}" for f in names for s in ("l", "r")}
        levels: list[dict[str, Any]] = [
            {
                "sql_condition": comparer.missing.format(**sides),
                "label_for_charts": "missing",
                "is_null_level": True,
            }
        ]
        for level in comparer.levels:
            described: dict[str, Any] = {
                "sql_condition": level.when.format(**sides),
                "label_for_charts": level.name,
            }
            if counts and level.frequency:
                described |= {
                    "tf_adjustment_column": names[level.frequency],
                    "tf_adjustment_weight": 1.0,
                    "tf_minimum_u_value": 1e-6,
                }
            levels.append(described)
        levels.append({"sql_condition": "ELSE", "label_for_charts": "different"})
        return {"output_column_name": f"c{index}", "comparison_levels": levels}

    def frequency_columns(self) -> list[str]:
        return sorted(
            {
                level["tf_adjustment_column"]
                for comparison in self.settings["comparisons"]
                for level in comparison["comparison_levels"]
                if "tf_adjustment_column" in level
            }
        )

    def train(self, labelled: bool, entities: int) -> None:
        """Learns from `linking`; `labelled` says that records with a cluster can teach."""
        seed = self.features.matching.seed
        self.settings["probability_two_random_records_match"] = 1 / max(entities, 2)
        chance = self._sample("chance_sample", f"ORDER BY hash(tie, {seed}), rid LIMIT {SAMPLE_FOR_CHANCE}")
        linker = Linker(chance, self.settings, log_level=None, validate_settings=False)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=SAMPLE_FOR_CHANCE**2, min_count_per_level=None, num_chunks=1
        )
        self._take(linker)
        if labelled:
            self._learn_from_labels(seed)
        else:
            self._learn_by_maximisation(seed)
        self._round()

    def _sample(self, name: str, tail: str, extra: str = "r.rid") -> Any:
        select = self.features.select(extra=extra)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select} {tail}")
        return self.api.register(name)

    def _learn_from_labels(self, seed: int) -> None:
        tail = f"""
            WHERE r.cluster IN (
                SELECT cluster FROM linking WHERE cluster IS NOT NULL GROUP BY cluster
                HAVING count(*) BETWEEN 2 AND 20 ORDER BY hash(cluster, {seed}), cluster LIMIT {SAMPLE_FOR_AGREEMENT // 3})
        """
        sample = self._sample("agreement_sample", tail, "r.rid, CAST(r.cluster AS VARCHAR) AS cluster")
        linker = Linker(sample, self.settings, log_level=None, validate_settings=False)
        linker.training.estimate_m_from_label_column("cluster")
        self._take(linker)

    def _learn_by_maximisation(self, seed: int) -> None:
        tail = f"ORDER BY hash(tie, {seed}), rid LIMIT {SAMPLE_FOR_MAXIMISATION}"
        sample = self._sample("maximisation_sample", tail)
        linker = Linker(sample, self.settings, log_level=None, validate_settings=False)
        for rule in splink_rules(self.features):
            pairs = self.con.execute(
                f"SELECT count(*) FROM maximisation_sample l JOIN maximisation_sample r ON {rule} AND l.rid < r.rid"
            ).fetchone()
            if pairs and pairs[0] >= LEAST_PAIRS:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    rule, fix_u_probabilities=True, fix_probability_two_random_records_match=False
                )
        self._take(linker)

    def _take(self, linker: Linker) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.settings = linker.misc.save_model_to_json()
        linker.table_management.delete_tables_created_by_splink_from_db()

    def _round(self) -> None:
        """Nine digits are kept; a level never seen gets a small probability, not zero, which would be certainty."""
        for comparison in self.settings["comparisons"]:
            for side, least in (("m_probability", 1e-4), ("u_probability", 1e-7)):
                levels = [lv for lv in comparison["comparison_levels"] if not lv.get("is_null_level")]
                values = [max(self._number(lv.get(side)), least) for lv in levels]
                for level, value in zip(levels, values, strict=True):
                    level[side] = float(f"{value / sum(values):.9g}")

    @staticmethod
    def _number(value: Any) -> float:
        return float(value) if isinstance(value, int | float) and not math.isnan(value) else 0.0

    def score(self, pairs: str = "pairs") -> None:
        """Table `scored` (l, r, weight): log2 of the Bayes factor with the prior, rounded to 4 digits."""
        con = self.con
        con.execute(
            "CREATE OR REPLACE TEMP TABLE scoring AS "
            + self.features.select(
                where=f"WHERE r.rid IN (SELECT join_key_l FROM {pairs} UNION SELECT join_key_r FROM {pairs})"
            )
        )
        linker = Linker(self.api.register("scoring"), self.settings, log_level=None, validate_settings=False)
        for column in self.frequency_columns():
            index, feature = column[1:].split("_", 1)
            table = f"frequency_{column}"
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {column}, count(*) / sum(count(*)) OVER () AS tf_{column} "
                f"FROM ({self.features.select([(int(index), feature)])}) WHERE {column} IS NOT NULL GROUP BY {column}"
            )
            linker.table_management.register_term_frequency_lookup(self.api.register(table), column)
        linker.table_management.register_blocked_pairs_for_predict(self.api.register(pairs))
        predicted = linker.inference.predict(warning_mode="never")
        con.execute(
            "CREATE OR REPLACE TEMP TABLE scored AS SELECT rid_l AS l, rid_r AS r, round(match_weight, 4) AS weight "
            f"FROM {predicted.physical_name}"
        )
        linker.table_management.delete_tables_created_by_splink_from_db()

    def weights(self) -> dict[str, dict[str, float]]:
        """log2(m/u) of each level, for the report."""
        return {
            f"{declared.field}:{declared.kind}": {
                level["label_for_charts"]: round(
                    math.log2(level["m_probability"] / level["u_probability"]), 2
                )
                for level in comparison["comparison_levels"]
                if not level.get("is_null_level")
            }
            for declared, comparison in zip(
                self.features.matching.comparisons, self.settings["comparisons"], strict=True
            )
        }
