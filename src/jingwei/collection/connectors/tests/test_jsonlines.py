"""JSON lines and arrays: literal numbers, late keys, damaged lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jingwei.collection.connectors import errors, jsonlines, reason
from jingwei.collection.connectors.tests.conftest import read


def test_numbers_keep_the_digits_they_are_written_with(put):
    found = read(put('{"id":440301199001011234,"m":1.50,"e":1E400,"s":"007"}\n', "t.jsonl"))
    assert found.rows == [("440301199001011234", "1.50", "1E400", "007")]


def test_nested_values_stay_json_and_keep_their_numbers(put):
    found = read(put('{"a":{"n":440301199001011234,"l":[1.50,null,true,"坪山"]}}\n', "t.jsonl"))
    assert found.rows == [('{"n": 440301199001011234, "l": [1.50, null, true, "坪山"]}',)]


def test_null_and_missing_are_none_and_truth_is_written_out(put):
    found = read(put('{"a":null,"b":true}\n{"b":false,"c":""}\n', "t.jsonl"))
    assert found.columns == ("a", "b", "c")
    assert found.rows == [(None, "true", None), (None, "false", "")]


def test_a_key_that_appears_late_is_a_column_like_any_other(put):
    lines = ['{"a":1}\n'] * 30_000 + ['{"a":2,"late":3}\n']
    found = read(put("".join(lines), "t.jsonl"))
    assert found.columns == ("a", "late")
    assert found.rows[-1] == ("2", "3")


def test_keys_beyond_all_measure_go_into_one_column(put, monkeypatch):
    monkeypatch.setattr(jsonlines, "MOST_COLUMNS", 2)
    found = read(put('{"a":1,"b":2,"c":3,"d":4.0}\n{"a":5}\n', "t.jsonl"))
    assert found.columns == ("a", "b", "_extra")
    assert found.rows == [("1", "2", '{"c": 3, "d": 4.0}'), ("5", None, None)]
    assert found.facts["late_columns"] == ["c", "d"]


def test_damaged_lines_are_rejected_one_by_one(put):
    lines = [
        '{"a":1}',
        '{"a":',
        "",
        '{"a":1,"a":2}',
        "[1,2]",
        '{"a":"\\ud800"}',
        '{"a":1} {"a":2}',
        '{"a":9}',
    ]
    found = read(put("\n".join(lines), "t.jsonl"))
    assert (found.rows, found.numbers) == ([("1",), ("9",)], [1, 8])
    assert found.codes == [
        (2, "malformed-json"),
        (4, "repeated-key"),
        (5, "not-object"),
        (6, "undecodable"),
        (7, "malformed-json"),
    ]
    assert found.facts["blank"] == 1
    assert found.rejects[1].text == lines[3]
    assert "“a”" in reason(found.rejects[1]).en


def test_nul_bytes_broken_bytes_and_bottomless_nesting_are_rejects(put):
    data = b'{"a":1}\n{"a":"x\0"}\n{"a":"\xff"}\n' + b'{"a":' + b"[" * 100_000 + b"\n"
    found = read(put(data, "t.jsonl"))
    assert found.codes == [(2, "nul"), (3, "undecodable"), (4, "malformed-json")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_usual_encoding_will_do(put, encoding):
    text = '{"姓名":"张伟","住址":"坪山街道六联社区"}\n' * 3
    assert read(put(text, "t.jsonl", encoding)).rows == [("张伟", "坪山街道六联社区")] * 3


def test_an_array_of_objects_reads_like_lines(put):
    text = '\ufeff[\n {"a": 1,\n  "b": "]}\\"{"}, {"a": 2}\n,5,\n {"a" 3},\n {"a": 4}\n]\n'
    found = read(put(text, "t.json"))
    assert found.rows == [("1", ']}"{'), ("2", None), ("4", None)]
    assert found.numbers == [2, 3, 6]
    assert found.codes == [(4, "not-object"), (5, "malformed-json")]


def test_array_and_lines_are_the_same_table(put):
    records = [{"n": at, "t": f"第{at}条", "deep": [at, {"x": None}]} for at in range(500)]
    lines = read(put("".join(json.dumps(record) + "\n" for record in records), "t.jsonl"))
    dense = read(put(json.dumps(records, ensure_ascii=False), "t.json"))
    airy = read(put(json.dumps(records, indent=2), "t.json"))
    assert lines.rows == dense.rows == airy.rows
    assert len(lines.rows) == len(records)


def test_an_array_that_is_cut_off_is_refused(put):
    with pytest.raises(errors.JsonCutOff) as refusal:
        read(put('[{"a": 1},\n{"a": 2}', "t.json"))
    assert refusal.value.retry_helps


@pytest.mark.parametrize("content", ['{\n  "type": "object"\n}\n', '[{"a":1}] x', "plain text\n"])
def test_json_that_is_no_table_is_refused(put, content):
    with pytest.raises(errors.JsonNotTable):
        read(put(content, "t.json"))


def test_an_empty_array_is_an_empty_source(put):
    with pytest.raises(errors.SourceEmpty):
        read(put("[ ]", "t.json"))


def test_objects_without_the_expected_keys_are_refused(put):
    with pytest.raises(errors.HeaderMissing):
        read(put('{"x":1}\n', "t.jsonl"), ("姓名", "住址"))


def test_an_endless_line_is_rejected_in_bounded_memory(tmp_path):
    path = tmp_path / "t.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a":1}\n{"a":"')
        for _ in range(20):
            file.write(b"y" * 1_000_000)
        file.write(b'"}\n{"a":3}\n')
    found = read(path)
    assert (found.codes, found.numbers) == ([(2, "line-too-long")], [1, 3])


def test_real_lines_match_pythons_own_reading(shared: Path):
    path = shared / "firms/company_profiles_2021-10.jsonl"
    by_hand = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    found = read(path)
    assert found.rows == [tuple(record.get(name) for name in found.columns) for record in by_hand]
    assert len(found.rows) == 2267
