"""Text of fixed width: what its places count, where its columns are, and what is damaged."""

from __future__ import annotations

import pytest

from jingwei.collection.connectors import errors, file_errors, reason
from jingwei.collection.connectors.rulers import guess_widths
from jingwei.collection.connectors.tests.conftest import read

WIDTHS = [["编号", 1, 6], ["姓名", 7, 14], ["年收入", 15, 22]]
PEOPLE = [("1001", "沈云禾", "120.50"), ("1002", "欧阳可心", "7"), ("1003", "Li Si", "98000.00")]


def fixed(put, lines: list[str], encoding: str = "utf-8", name: str = "t.txt"):
    return put("".join(line + "\r\n" for line in lines), name, encoding)


def by_bytes(cells: tuple[str, ...], encoding: str) -> str:
    """A line laid out by WIDTHS in bytes of this encoding."""
    sizes = [last - first + 1 for _, first, last in WIDTHS]
    parts = [
        cell + " " * (size - len(cell.encode(encoding))) for cell, size in zip(cells, sizes, strict=True)
    ]
    return "".join(parts)


def by_characters(cells: tuple[str, ...]) -> str:
    return "".join(cell.ljust(last - first + 1) for cell, (_, first, last) in zip(cells, WIDTHS, strict=True))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_widths_that_fit_only_by_bytes_are_counted_in_bytes(put, encoding):
    people = [(number, name[:2], money) for number, name, money in PEOPLE]
    found = read(fixed(put, [by_bytes(one, encoding) for one in people], encoding), widths=WIDTHS)
    assert found.columns == ("编号", "姓名", "年收入")
    assert found.rows == people
    assert (found.facts["format"], found.facts["widths_count"]) == ("fixed", "bytes")


def test_widths_that_fit_by_characters_are_counted_so(put):
    found = read(fixed(put, [by_characters(one) for one in PEOPLE]), widths=WIDTHS)
    assert (found.rows, found.facts["widths_count"]) == (PEOPLE, "characters")


def test_widths_may_count_columns_of_a_screen(put):
    lines = [by_bytes(one, "gb18030") for one in PEOPLE]
    found = read(fixed(put, lines), widths=WIDTHS)
    assert (found.rows, found.facts["widths_count"]) == (PEOPLE, "columns")


@pytest.mark.parametrize("layout", ["bytes", "characters"])
def test_lines_without_the_blanks_at_their_end_tell_by_their_words(put, layout):
    lines = [by_bytes(one, "gb18030") if layout == "bytes" else by_characters(one) for one in PEOPLE * 3]
    path = fixed(put, [line.rstrip() for line in lines], "gb18030")
    found = read(path, widths=WIDTHS)
    assert (found.rows, found.facts["widths_count"]) == (PEOPLE * 3, layout)


def test_the_contract_may_say_what_the_widths_count(put):
    path = fixed(put, [by_bytes(one, "gb18030") for one in PEOPLE], "gb18030")
    assert read(path, widths=WIDTHS, count="bytes").rows == PEOPLE
    with pytest.raises(file_errors.WidthsMismatch):
        read(path, widths=[["a", 1, 40], ["b", 41, 50]], count="characters")


def test_broken_lines_cost_only_themselves(put):
    whole = [by_characters(one) for one in PEOPLE]
    lines = [*whole * 10, whole[0][:18], whole[0] + "多出来", "", whole[1]]
    found = read(fixed(put, lines), widths=WIDTHS)
    assert len(found.rows) == 31
    assert found.codes == [(31, "too-narrow"), (32, "too-wide")]
    assert (found.numbers[-1], found.facts["blank"]) == (34, 1)
    assert "18" in reason(found.rejects[0]).en and "22" in reason(found.rejects[0]).zh


def test_a_place_that_cuts_a_character_in_two_is_told(put):
    lines = [by_bytes(one, "gb18030") for one in PEOPLE * 5] + ["12345沈云禾" + " " * 11]
    found = read(fixed(put, lines, "gb18030"), widths=WIDTHS, count="bytes")
    assert [code for _, code in found.codes] == ["cut-character"]


def test_bytes_that_are_no_text_and_nul_bytes_are_told(put):
    data = "\n".join(by_characters(one) for one in PEOPLE * 9).encode("utf-8")
    bad = b"\n1009  \xff\xfe" + b" " * 14 + b"\n1010  a\0b" + b" " * 13
    found = read(put(data + bad, "t.txt"), widths=WIDTHS)
    assert [code for _, code in found.codes] == ["undecodable", "nul"]


def test_a_header_that_repeats_the_names_is_no_record(put):
    lines = [by_characters(("编号", "姓名", "年收入")), *map(by_characters, PEOPLE)]
    found = read(fixed(put, lines), widths=WIDTHS)
    assert (found.rows, found.facts["header_row"]) == (PEOPLE, 1)


def test_gaps_between_declared_columns_are_left_out(put):
    found = read(fixed(put, ["1001xxx张三", "1002yyy李四"]), widths=[["b", 8, 9], ["a", 1, 4]])
    assert (found.columns, found.rows) == (("b", "a"), [("张三", "1001"), ("李四", "1002")])


@pytest.mark.parametrize(
    "widths", ["1-6", [], [["a", 1]], [["a", 0, 3]], [["a", 3, 2]], [["a", 1, 3], ["b", 3, 5]], [[1, 1, 2]]]
)
def test_widths_that_are_none_are_refused(put, widths):
    with pytest.raises((file_errors.WidthsWrong, file_errors.WidthsUnknown)):
        read(fixed(put, ["123456"]), format="fixed", widths=widths)


RULED = [
    "居民名册",
    "编号   姓名      年收入",
    "------ -------- --------",
    "1001   沈云禾     120.50",
    "1002   欧阳可心     7.00",
]


def test_a_ruler_says_where_columns_are(put):
    found = read(fixed(put, RULED[1:]), format="fixed")
    assert found.columns == ("编号", "姓名", "年收入")
    assert found.rows == [("1001", "沈云禾", "120.50"), ("1002", "欧阳可心", "7.00")]
    assert found.facts["widths"] == [["编号", 1, 6], ["姓名", 8, 15], ["年收入", 17, 24]]
    assert found.facts["widths_inferred"] is True


def test_columns_of_blanks_under_one_name_each_are_certain():
    lines = [
        "编号  姓名    登记时间           ",
        "1001  沈云禾  2026-01-02 10:00:00",
        "1002  许可心  2026-01-03 11:30:00",
        "1003  张三    2026-01-04 12:00:00",
    ]
    assert guess_widths(lines) == [("编号", 1, 4), ("姓名", 7, 12), ("登记时间", 15, 33)]


@pytest.mark.parametrize(
    "lines",
    [
        ["1001 沈云禾 120", "1002 许可心 130", "1003 张三疯 140", "1004 李四光 150"],
        ["编号 姓名", "1001 沈云禾", "1002 许可心"],
        ["只有一列", "一", "二", "三"],
        ["a  b  c", "xxxxxxx", "1  2  3", "1  2  3"],
        ["a   a", "1   2", "3   4", "5   6"],
    ],
)
def test_what_is_not_certain_is_not_guessed(lines):
    assert guess_widths(lines) is None


def test_reading_is_refused_where_columns_cannot_be_told(put):
    with pytest.raises(file_errors.WidthsUnknown):
        read(fixed(put, ["1001沈云禾", "1002许可心"]), format="fixed")


def test_a_value_that_outgrows_inferred_columns_is_set_aside(put):
    found = read(fixed(put, [*RULED[1:], *RULED[3:] * 9, "1003   张三三三三三   1"]), format="fixed")
    assert (len(found.rows), [code for _, code in found.codes]) == (20, ["between-columns"])


def test_other_columns_than_expected_are_refused(put):
    with pytest.raises(errors.HeaderMissing):
        read(fixed(put, ["1001张三"]), ("住址", "电话"), widths=[["a", 1, 4], ["b", 5, 6]])
