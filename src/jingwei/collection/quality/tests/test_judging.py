"""Judging a table as it stands: every failing row, with every reason, and nothing changed."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jingwei.catalog.contracts import Contract
from jingwei.collection import service
from jingwei.collection.errors import ColumnsMissing
from jingwei.collection.quality import duplicates
from jingwei.collection.quality.errors import NothingToJudge, OutputUnknown, TableUnreadable
from jingwei.collection.quality.judging import judge
from jingwei.engines import lake
from jingwei.kernel.text import Text

pytestmark = pytest.mark.django_db
TYPES = {"joined": pa.date32(), "changed": pa.date32(), "fee": pa.decimal128(18, 2)}


@pytest.fixture
def table(club, tmp_path):
    """Writes members to a Parquet file with the types a warehouse would have, and judges it."""
    club.declare()

    def judged(members, text=(), **options):
        typed = {name: kind for name, kind in TYPES.items() if name not in text}
        put = {"joined": date.fromisoformat, "changed": date.fromisoformat, "fee": Decimal}
        columns = {
            name: pa.array(
                [put[name](one[name]) if name in typed and one[name] else one[name] for one in members],
                typed.get(name, pa.utf8()),
            )
            for name in members[0]
        }
        path = tmp_path / "members.parquet"
        pq.write_table(pa.table(columns), path)
        out = tmp_path / "failing.parquet"
        found = judge(service.contract_of("club.member"), path, out, **options)
        rows = duckdb.sql(f"SELECT row, key, reasons FROM '{out}' ORDER BY row").fetchall()
        return found, {
            row: (key, sorted((r["field"], r["code"]) for r in reasons)) for row, key, reasons in rows
        }

    return judged


def test_right_rows_are_not_listed(table, member):
    found, rows = table([member(n, sex="1") for n in range(1, 50)])
    assert (found.rows, found.failed, rows, found.counts) == (49, 0, {}, ())


def test_every_failing_row_has_its_key_and_all_its_reasons(table, member):
    found, rows = table(
        [member(1), member(2, fee="-1.00", changed="2019-01-01"), member(3, name=None), member(4, id_number="990101199001011239")]
    )  # fmt: skip
    assert rows == {
        2: ("0002", [("", "changed-after-joined"), ("fee", "fee-not-negative")]),
        3: ("0003", [("name", "missing")]),
        4: ("0004", [("id_number", "check-digit")]),
    }
    assert (found.failed, {(c.code, c.dimension, c.rows) for c in found.counts}) == (
        3,
        {
            ("changed-after-joined", "consistency", 1),
            ("fee-not-negative", "conformity", 1),
            ("missing", "completeness", 1),
            ("check-digit", "conformity", 1),
        },
    )


def test_rows_that_share_a_key_are_all_listed(table, member):
    _, rows = table([member(1), member(2), member(1, name=None), member(3)])
    assert rows == {
        1: ("0001", [("", "duplicate-key")]),
        3: ("0001", [("", "duplicate-key"), ("name", "missing")]),
    }


def test_what_an_element_would_mend_is_wrong_in_form(table, member):
    found, rows = table([member(1, sex="男"), member(2, name=" 沈云禾"), member(3, sex="无")])
    assert rows == {
        1: ("0001", [("sex", "form")]),
        2: ("0002", [("name", "form")]),
        3: ("0003", [("sex", "form")]),
    }
    words = {str(count.text) for count in found.counts if count.field == "name"}
    assert words == {"“ 沈云禾”应写成“沈云禾”"}


def test_a_suspicion_that_proves_wrong_leaves_the_list(table, member):
    # 29 February is not told by the quick look at an identity number, but right.
    leap = next(n for n in (member(1, id_number=one) for one in _leap()) if n)
    _, rows = table([leap, member(2)])
    assert rows == {}


def _leap():
    body = "99010120000229123"
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    yield body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def test_text_that_is_no_date_is_found_where_dates_are_wanted(table, member):
    _, rows = table([member(1), member(2, joined="去年")], text=("joined",))
    assert list(rows) == [2]
    assert rows[2][1][0][0] == "joined"


def test_columns_are_found_by_the_source_s_headers_too(club, member, tmp_path):
    club.declare()
    path = tmp_path / "source.parquet"
    names = {"number": "编号", "name": "姓名", "id_number": "证件"}
    one = member(1, name=None)
    pq.write_table(pa.table({names.get(k, k): [v] for k, v in one.items()}), path)
    assert judge(service.contract_of("club.member"), path).failed == 1


def test_the_lake_s_own_table_is_judged_where_no_file_is_given(club, member, tmp_path):
    club([member(1), member(2, id_number="123")], void=True)
    with lake().write("spoil") as con:
        con.execute("UPDATE lake.standard.\"club.member\" SET fee = -1 WHERE number = '0002'")
    out = tmp_path / "failing.csv"
    found = judge(service.contract_of("club.member"), out=out)
    assert (found.rows, found.failed) == (2, 1)
    with open(out, encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["key"], row["codes"], row["reasons"]) == ("0002", "fee:fee-not-negative", "fee 会费是负的")


def test_judging_changes_nothing(club, member):
    club([member(1)])
    with lake().read() as con:
        before = lake().snapshot(con)
    judge(service.contract_of("club.member"))
    with lake().read() as con:
        assert lake().snapshot(con) == before


VISIT = """\
apiVersion: v3.1.0
kind: DataContract
id: club.visit
name: 来访
version: 1.0.0
status: active
schema:
  - name: visit
    properties:
      - {{name: visit, physicalName: visit, logicalType: string, required: true, primaryKey: true}}
      - {{name: visitor, physicalName: visitor, logicalType: string}}
      - {{name: since, physicalName: since, logicalType: date}}
    quality:
      - {{name: rule, type: custom, engine: jingwei, dimension: {dimension}, description: 不成立, implementation: "{rule}"}}
"""


@pytest.mark.parametrize(
    ("dimension", "rule"),
    [
        ("consistency", "visitor IN (SELECT number FROM {club.member} WHERE number IS NOT NULL)"),
        ("consistency", "EXISTS (SELECT 1 FROM {club.member} m WHERE m.number = visitor)"),
        ("accuracy", "NOT EXISTS (SELECT 1 FROM {club.member} m WHERE m.number = visitor AND m.joined <> since)"),
    ],
)  # fmt: skip
def test_rules_over_other_resources_are_judged_once_these_are_there(
    club, member, pack, tmp_path, dimension, rule
):
    club.declare()
    pack("visits", {"contracts/visit.yaml": VISIT.format(dimension=dimension, rule=rule)}, requires="[standards, club]")  # fmt: skip
    path = tmp_path / "visits.parquet"
    right, wrong = date(2020, 1, 2), date(2020, 1, 3)
    someone = "0001" if dimension == "accuracy" else "0009"
    pq.write_table(
        pa.table({"visit": ["a", "b"], "visitor": ["0001", someone], "since": [right, wrong]}), path
    )
    contract: Contract = service.contract_of("club.visit")
    assert judge(contract, path).unjudged == ("rule",)
    club([member(1)])
    found = judge(contract, path, tmp_path / "out.parquet")
    assert (found.failed, found.unjudged) == (1, ())
    assert [(c.code, c.dimension) for c in found.counts] == [("rule", dimension)]
    assert duckdb.sql(f"SELECT key FROM '{tmp_path / 'out.parquet'}'").fetchall() == [("b",)]


def test_what_cannot_be_judged_is_refused(club, member, tmp_path):
    club.declare()
    contract = service.contract_of("club.member")
    with pytest.raises(NothingToJudge):
        judge(contract)
    broken = tmp_path / "broken.parquet"
    broken.write_text("no table")
    with pytest.raises(TableUnreadable):
        judge(contract, broken)
    with pytest.raises(TableUnreadable):
        judge(contract, tmp_path / "absent.parquet")
    with pytest.raises(OutputUnknown):
        judge(contract, broken, tmp_path / "failing.xlsx")
    pq.write_table(pa.table({"number": ["1"]}), broken)
    with pytest.raises(ColumnsMissing):
        judge(contract, broken)


@pytest.mark.parametrize("at_once", [10, 1_000_000])
def test_shared_values_are_found_in_any_number_of_parts(at_once, monkeypatch):
    monkeypatch.setattr(duplicates, "AT_ONCE", at_once)
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE t AS SELECT i, CASE WHEN i % 10 = 9 THEN NULL ELSE (i // 2)::VARCHAR END AS v FROM range(100) r(i)"
    )
    # Rows come in pairs; every fifth pair has lost one to NULL.
    assert duplicates.shared(con, "t", "i", "i::VARCHAR", "v", "found") == 80
    assert duplicates.some(con, "t", "v")
    assert not duplicates.some(con, "t", "i")
    assert not duplicates.some(con, "(FROM t LIMIT 0)", "v")


def test_more_rules_than_bits_of_one_number_are_judged(pack, home, tmp_path):
    rules = "\n".join(
        f'      - {{name: above-{n}, type: custom, engine: jingwei, implementation: "value <> {n}", dimension: conformity, description: 不该是 {n}}}'
        for n in range(130)
    )
    text = (
        "apiVersion: v3.1.0\nkind: DataContract\nid: many.rules\nname: 多\nversion: 1.0.0\nstatus: active\n"
        "schema:\n  - name: many\n    properties:\n"
        "      - {name: value, physicalName: value, logicalType: integer, required: true, primaryKey: true}\n"
        f"    quality:\n{rules}\n"
    )
    pack("many", {"contracts/many.yaml": text})
    path = tmp_path / "many.parquet"
    pq.write_table(pa.table({"value": pa.array([3, 64, 129, 500], pa.int64())}), path)
    found = judge(service.contract_of("many.rules"), path, tmp_path / "out.parquet")
    assert {count.code for count in found.counts} == {"above-3", "above-64", "above-129"}
    assert all(isinstance(count.text, Text) for count in found.counts)
