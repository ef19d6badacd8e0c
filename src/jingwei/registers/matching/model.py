"""Splink's model of a register: what each level of agreement weighs, learned from the data.

u (how often strangers agree) comes from pairs of a sample. m (how often records of one entity agree)
comes from records that share a valid identifier, labels that cost nothing; where no record has
one, from expectation maximisation over agreement patterns. Parameters are rounded so that the
order of additions cannot change a decision.
"""

from __future__ import annotations

import logging
import math
import re
import warnings
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
from splink import DuckDBAPI, Linker

from jingwei.kernel.text import Text
from jingwei.registers.matching import maximisation
from jingwei.registers.matching.blocking import rules_over_columns
from jingwei.registers.matching.comparers import COMPARERS
from jingwei.registers.matching.features import Features
from jingwei.registers.matching.maximisation import Floats, Patterns, floored, maximise

logging.getLogger("splink").setLevel(logging.ERROR)

SAMPLE_FOR_CHANCE = 1200
SAMPLE_FOR_AGREEMENT = 20000
LEAST_PAIRS = 50
ROUNDS = 10
LEAST_MATCHES = 30
"""Probable matches that a comparison's weights should rest on: with fewer, one odd pair moves a level by bits."""
TOO_LITTLE = Text(
    "模型学习的样本太少：{fields} 只有约 {matches} 对可能相同的记录可学（至少 {least} 对），权重接近预设值；归并结果请人核对",
    "the model was trained on too little: of {fields} it saw about {matches} pairs that may be one entity, {least} are needed; "
    "weights are near their presets, have the links looked at",
)
LEAST_M, LEAST_U = 2e-3, 1e-7
"""A level never seen is improbable, not impossible: of 500 records of an entity one may say anything."""


class Model:
    """One register's comparisons as Splink settings; `train` fills in the probabilities, `score` uses them."""

    def __init__(self, con: duckdb.DuckDBPyConnection, features: Features) -> None:
        self.con = con
        self.features = features
        self.api = DuckDBAPI(connection=con)
        self.taught: list[float] | None = None
        self.frequencies_kept = False
        """Whether the tables `frequency_<feature>` are there already, from an earlier training."""
        self.settings: dict[str, Any] = {
            "link_type": "dedupe_only",
            "unique_id_column_name": "rid",
            "comparisons": [self._comparison(i) for i in range(len(features.matching.comparisons))],
            "blocking_rules_to_generate_predictions": [],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": False,
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
        # One row an entity where entities are known: two rows of one entity are no strangers.
        chance = self._sample(
            "chance_sample",
            f"SELECT rid FROM linking WHERE {self._thinned(seed)} "
            "QUALIFY row_number() OVER (PARTITION BY coalesce(cluster, CAST(rid AS UHUGEINT)) "
            f"ORDER BY hash(tie, {seed}), rid) = 1 ORDER BY hash(tie, {seed}), rid LIMIT {SAMPLE_FOR_CHANCE}",
        )
        linker = Linker(chance, self.settings, log_level=None, validate_settings=False)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=SAMPLE_FOR_CHANCE**2, min_count_per_level=None, num_chunks=1
        )
        self._take(linker)
        if labelled:
            self._learn_from_labels(seed)
            self._round()
            return
        self._learn_by_maximisation()
        self._round()

    def _thin(self) -> int:
        """One row in so many is enough to draw the samples from."""
        row = self.con.execute("SELECT count(*) FROM linking").fetchone()
        return max(1, (row[0] if row else 0) // (SAMPLE_FOR_AGREEMENT * 10))

    def _thinned(self, seed: int) -> str:
        return f"rid > 0 AND hash(tie, {seed}) % {self._thin()} = 0"

    def _learn_by_maximisation(self) -> None:
        """m from the agreement patterns of the blocked pairs; u again without the matches among the strangers.

        In a table full of duplicates the pairs drawn as strangers are not all strangers; left in,
        they make a rare agreement look common. So every blocked pair of the sample counts as a match
        as far as it is probable, the rest are the strangers, and both are learned in turns.
        """
        sizes = [len(levels) for levels in self._probabilities("u_probability")]
        self._put("m_probability", [m[::-1] for m in maximisation.usual(sizes)])
        self._round()
        self.score(levels=True)
        everywhere = self._patterns("TRUE")
        drawn = self._patterns(
            "s.l IN (SELECT rid FROM chance_sample) AND s.r IN (SELECT rid FROM chance_sample)"
        )
        by_rule = [
            (found, [at for at in range(len(sizes)) if at not in fixed])
            for rule, fixed in rules_over_columns(self.features)
            if (found := self._patterns(rule)).counts.sum() >= LEAST_PAIRS
        ]
        strangers = self._strangers()
        row = self.con.execute("SELECT count(*) FROM linking").fetchone()
        pairs = max(row[0] * (row[0] - 1) / 2, 1.0) if row else 1.0
        m, u = maximisation.usual(sizes), [floored(seen, LEAST_U) for seen in strangers]
        share = float(self.settings["probability_two_random_records_match"])
        everything = range(len(sizes))
        for _ in range(ROUNDS):
            learned = [maximise(found, u, used, LEAST_M) for found, used in by_rule]
            m = maximisation.together(learned, sizes, LEAST_M)
            matches = (everywhere.probability(m, u, share, everything) * everywhere.counts).sum()
            share = float(np.clip(matches / pairs, 1 / pairs, 0.5))
            probable = drawn.probability(m, u, share, everything)
            for at in everything:
                left = np.maximum(strangers[at] - drawn.at_levels(at, sizes[at], probable), 0)
                u[at] = floored(left / max(left.sum(), 1), LEAST_U)
        self.taught = [sum(float(matched[at].sum()) for _, matched in learned) for at in everything]
        self.settings["probability_two_random_records_match"] = float(f"{share:.6g}")
        self._put("m_probability", [levels[::-1] for levels in m])
        self._put("u_probability", [levels[::-1] for levels in u])

    def warned(self) -> dict[str, list[str]]:
        """For the report: `warning`, in Chinese and English, where comparisons were learned from too few matches.
        Weights learned from records of one valid number carry none: that takes hundreds of entities."""
        poor = {
            declared.field: matches
            for declared, matches in zip(self.features.matching.comparisons, self.taught or (), strict=False)
            if matches < LEAST_MATCHES
        }
        if not poor:
            return {}
        text = TOO_LITTLE.fill(fields=", ".join(poor), matches=round(max(poor.values())), least=LEAST_MATCHES)
        return {"warning": [text.zh, text.en]}

    def _patterns(self, where: str) -> Patterns:
        """Agreement patterns of the scored pairs for which a condition over s, l and r holds."""
        count = len(self.settings["comparisons"])
        levels = ", ".join(f"s.gamma_c{at}" for at in range(count))
        rows = self.con.execute(
            f"SELECT {levels}, count(*) FROM scored s JOIN scoring l ON l.rid = s.l JOIN scoring r ON r.rid = s.r "
            f"WHERE {where} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return Patterns.of(rows, count)

    def _strangers(self) -> list[Floats]:
        """Pairs of the chance sample at each level of each comparison, disagreement first."""
        counts = []
        for comparison, shares in zip(
            self.settings["comparisons"], self._probabilities("u_probability"), strict=True
        ):
            missing = comparison["comparison_levels"][0]["sql_condition"]
            columns = set(re.findall(r"\b(c\d+_\w+)_[lr]\b", missing))
            sides = ", ".join(f"{side}.{c} AS {c}_{side}" for c in sorted(columns) for side in ("l", "r"))
            row = self.con.execute(
                f"SELECT count(*) FROM (SELECT {sides} FROM chance_sample l JOIN chance_sample r ON l.rid < r.rid) "
                f"WHERE NOT coalesce({missing}, FALSE)"
            ).fetchone()
            counts.append(np.array(shares[::-1]) * (row[0] if row else 0))
        return counts

    def _put(self, side: str, values: Sequence[Sequence[float] | Floats]) -> None:
        for comparison, given in zip(self.settings["comparisons"], values, strict=True):
            levels = [lv for lv in comparison["comparison_levels"] if not lv.get("is_null_level")]
            for level, value in zip(levels, given, strict=True):
                level[side] = float(value)

    def _probabilities(self, side: str) -> list[list[float]]:
        return [
            [
                self._number(lv.get(side))
                for lv in comparison["comparison_levels"]
                if not lv.get("is_null_level")
            ]
            for comparison in self.settings["comparisons"]
        ]

    def _sample(self, name: str, chosen: str, extra: str = "r.rid") -> Any:
        """Table of the rows whose rid the query `chosen` gives, with all features."""
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE chosen AS {chosen}")
        select = self.features.select(where="WHERE r.rid IN (SELECT rid FROM chosen)", extra=extra)
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM ({select}) ORDER BY rid")
        return self.api.register(name)

    def _learn_from_labels(self, seed: int) -> None:
        chosen = f"""
            SELECT rid FROM linking WHERE cluster IN (
                SELECT cluster FROM linking WHERE cluster IS NOT NULL AND hash(cluster, {seed}) % {self._thin()} = 0
                GROUP BY cluster HAVING count(*) BETWEEN 2 AND 20
                ORDER BY hash(cluster, {seed}), cluster LIMIT {SAMPLE_FOR_AGREEMENT // 3})
        """
        sample = self._sample("agreement_sample", chosen, "r.rid, CAST(r.cluster AS VARCHAR) AS cluster")
        linker = Linker(sample, self.settings, log_level=None, validate_settings=False)
        linker.training.estimate_m_from_label_column("cluster")
        self._take(linker)

    def _take(self, linker: Linker) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.settings = linker.misc.save_model_to_json()
        linker.table_management.delete_tables_created_by_splink_from_db()

    def _round(self) -> None:
        """Nine digits are kept; a level never seen gets a small probability, not zero, which would be certainty."""
        for comparison in self.settings["comparisons"]:
            for side, least in (("m_probability", LEAST_M), ("u_probability", LEAST_U)):
                levels = [lv for lv in comparison["comparison_levels"] if not lv.get("is_null_level")]
                values = [max(self._number(lv.get(side)), least) for lv in levels]
                for level, value in zip(levels, values, strict=True):
                    level[side] = float(f"{value / sum(values):.9g}")

    @staticmethod
    def _number(value: Any) -> float:
        return float(value) if isinstance(value, int | float) and not math.isnan(value) else 0.0

    def score(self, pairs: str = "pairs", *, levels: bool = False) -> None:
        """Table `scored` (l, r, weight; with `levels` also gamma_c0 ...): log2 of the odds, rounded to 4 digits."""
        con = self.con
        settings = {**self.settings, "retain_matching_columns": levels}
        con.execute(
            "CREATE OR REPLACE TEMP TABLE scoring AS "
            + self.features.select(
                where=f"WHERE r.rid IN (SELECT join_key_l FROM {pairs} UNION SELECT join_key_r FROM {pairs})"
            )
        )
        linker = Linker(self.api.register("scoring"), settings, log_level=None, validate_settings=False)
        for column in self.frequency_columns():
            table = f"frequency_{column}"
            if not self.frequencies_kept:
                self._count(column, table)
            linker.table_management.register_term_frequency_lookup(self.api.register(table), column)
        linker.table_management.register_blocked_pairs_for_predict(self.api.register(pairs))
        gammas = "".join(f", gamma_c{i}" for i in range(len(settings["comparisons"]))) if levels else ""
        predicted = linker.inference.predict(warning_mode="never")
        con.execute(
            "CREATE OR REPLACE TEMP TABLE scored AS SELECT rid_l AS l, rid_r AS r, round(match_weight, 4) AS weight"
            f"{gammas} "
            f"FROM {predicted.physical_name}"
        )
        linker.table_management.delete_tables_created_by_splink_from_db()

    def _count(self, column: str, table: str) -> None:
        """How frequent each value of a feature is among all records."""
        index, feature = column[1:].split("_", 1)
        self.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {column}, count(*) / sum(count(*)) OVER () AS tf_{column} "
            f"FROM ({self.features.select([(int(index), feature)])}) WHERE {column} IS NOT NULL GROUP BY {column}"
        )

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
