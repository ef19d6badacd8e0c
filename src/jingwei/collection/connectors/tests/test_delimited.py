"""Separated text: what is read, what is rejected and why, what is refused."""

from __future__ import annotations

import codecs
import csv
import io
import resource
from pathlib import Path

import pytest

from jingwei.collection.connectors import errors, open_source, reason, resolve
from jingwei.collection.connectors.delimited import records
from jingwei.collection.connectors.tests.conftest import read

HEAD = ("姓名", "性别", "住址")
PEOPLE = [
    ("张伟", "男", "六联社区深汕路12号"),
    ("王秀英", "女", "龙田社区同富路3号"),
    ("李娜", "女", "坑梓街道"),
]
TEXT = "".join(",".join(row) + "\n" for row in [HEAD, *PEOPLE])


@pytest.mark.parametrize(
    ("encoding", "bom", "title"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", codecs.BOM_UTF8, "UTF-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16 LE"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16 BE"),
        ("utf-16-le", b"", "UTF-16 LE"),
        ("utf-16-be", b"", "UTF-16 BE"),
        ("gb18030", b"", "GB18030"),
    ],
)
@pytest.mark.parametrize("expected", [HEAD, ()])
def test_the_encoding_is_found_out(put, encoding, bom, title, expected):
    found = read(put(bom + TEXT.encode(encoding)), expected)
    assert (found.columns, found.rows) == (HEAD, PEOPLE)
    assert found.facts["encoding"] == title
    assert found.facts["encoding_confidence"] > 0.8


TRADITIONAL = [
    ("姓名", "性別", "地址"),
    ("陳志明", "男", "臺北市中山區"),
    ("林淑芬", "女", "臺南市東區"),
    ("黃建國", "男", "高雄市"),
]


@pytest.mark.parametrize(
    ("encoding", "title"), [("big5", "Big5"), ("gb18030", "GB18030"), ("utf-8", "UTF-8")]
)
def test_big5_and_gb18030_are_told_apart_though_each_decodes_as_the_other(put, encoding, title):
    text = "".join(",".join(row) + "\n" for row in TRADITIONAL)
    found = read(put(text, encoding=encoding))
    assert found.rows == TRADITIONAL[1:]
    assert found.facts["encoding"] == title


def test_a_file_that_is_ascii_for_a_long_way_is_judged_by_its_end(put):
    rows = [f"{number},plain\n" for number in range(200_000)]
    found = read(put(("id,name\n" + "".join(rows) + "200000,坪山街道办事处\n").encode("gb18030")))
    assert found.rows[-1] == ("200000", "坪山街道办事处")
    assert len(found.rows) == len(rows) + 1


def test_a_byte_that_does_not_decode_costs_its_record_only(put):
    data = TEXT.encode() + b"\xff\xfe\xfd,x,y\n" + "赵敏,女,碧岭\n".encode()
    found = read(put(data))
    assert found.rows == [*PEOPLE, ("赵敏", "女", "碧岭")]
    assert found.codes == [(5, "undecodable")]
    assert found.rejects[0].text == "\\xFF\\xFE\\xFD,x,y"
    assert "UTF-8" in reason(found.rejects[0]).en


def test_a_damaged_gb18030_record_costs_its_record_only(put):
    data = TEXT.encode("gb18030") + b"\xff,x,y\n" + "赵敏,女,碧岭\n".encode("gb18030")
    found = read(put(data), HEAD)
    assert (found.rows[-1], found.codes) == (("赵敏", "女", "碧岭"), [(5, "undecodable")])


def test_western_letters_within_words_are_windows_1252(put):
    lines = ["ville,année\n", *(f"Saint-Étienne-{at},été à Nîmes – 5 €\n" for at in range(30))]
    found = read(put("".join(lines), encoding="cp1252"))
    assert (found.columns, found.facts["encoding"]) == (("ville", "année"), "Windows-1252")
    assert found.rows[0] == ("Saint-Étienne-0", "été à Nîmes – 5 €")


def test_an_encoding_nobody_can_tell_is_refused_with_a_guess(put):
    lines = ["город,год\n", *(f"Город {at},население и территория\n" for at in range(30))]
    with pytest.raises(errors.EncodingUnknown):
        read(put("".join(lines), encoding="cp1251"))
    declared = read(put("".join(lines), encoding="cp1251"), encoding="cp1251")
    assert declared.columns == ("город", "год")


def test_a_declared_encoding_that_does_not_exist_is_refused(put):
    with pytest.raises(errors.OptionWrong):
        read(put(TEXT), encoding="utf-99")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(put, delimiter):
    found = read(put(TEXT.replace(",", delimiter)), HEAD)
    assert found.rows == PEOPLE


def test_commas_inside_tab_separated_cells_mislead_nobody(put):
    found = read(put("姓名\t住址\n张伟\t一路,二号,三楼\n李娜\t四路,五号,六楼\n"), ("姓名", "住址"))
    assert found.rows[0] == ("张伟", "一路,二号,三楼")


def test_excels_separator_hint_is_no_record(put):
    found = read(put("sep=;\n" + TEXT.replace(",", ";")))
    assert (found.columns, found.rows, found.facts["header_row"]) == (HEAD, PEOPLE, 2)


def test_titles_above_and_remarks_below_are_noted_not_read(put):
    text = (
        "数据库：坪山\n时间：2026年\n" + TEXT + "注：1.不含流动人口。\n　　2.截至十月。\n数据来源：公安分局\n"
    )
    found = read(put(text, encoding="gb18030"), HEAD)
    assert found.rows == PEOPLE
    assert found.numbers == [4, 5, 6]
    assert [title["text"] for title in found.facts["titles"]] == ["数据库：坪山", "时间：2026年"]
    assert [note["row"] for note in found.facts["footnotes"]] == [7, 8, 9]
    assert not found.rejects


def test_the_header_is_known_by_an_alias(put):
    found = read(put("标题行,,\n名字,性 别,住址\n张伟,男,六联\n"), ("姓名|名字", "性别", "住址"))
    assert found.columns == ("名字", "性 别", "住址")
    assert found.facts["header_row"] == 2


def test_a_table_without_the_expected_header_is_refused_with_both(put):
    with pytest.raises(errors.HeaderMissing) as refusal:
        read(put("a,b\n1,2\n"), HEAD)
    assert "姓名" in str(refusal.value)
    assert "a,b" in str(refusal.value)


def test_an_expected_name_twice_is_refused_any_other_gets_a_number(put):
    with pytest.raises(errors.HeaderRepeated):
        read(put("姓名,姓名\n张伟,李娜\n"), ("姓名",))
    found = read(put("姓名,备注,备注,,_row,Note,note\n张伟,a,b,c,d,e,f\n"), ("姓名",))
    assert found.columns == ("姓名", "备注", "备注_2", "第4列", "_row_2", "Note", "note_2")


def test_rows_too_narrow_or_too_wide_are_rejected_with_their_number_and_text(put):
    found = read(put(TEXT + "赵敏,女\n周杰,男,碧岭,多,余\n吴磊,男,石井\n"))
    assert found.codes == [(5, "ragged"), (6, "ragged")]
    assert [reject.text for reject in found.rejects] == ["赵敏,女", "周杰,男,碧岭,多,余"]
    assert found.rejects[0].values == {"expected": 3, "found": 2}
    assert found.rows[-1] == ("吴磊", "男", "石井")
    assert found.numbers == [2, 3, 4, 7]


def test_empty_rows_are_counted_and_not_read(put):
    found = read(put(TEXT + "\n,,\n　, ,\n赵敏,女,碧岭\n\n"))
    assert found.facts["blank"] == 4
    assert (found.numbers[-1], found.rejects) == (8, [])


def test_a_separator_at_the_end_of_every_line_does_not_make_them_ragged(put):
    found = read(put("姓名,性别\n张伟,男,\n李娜,女,,\n"))
    assert found.rows == [("张伟", "男"), ("李娜", "女")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_any_line_end_will_do_and_the_last_may_be_missing(put, end, last):
    text = end.join(",".join(row) for row in [HEAD, *PEOPLE]) + (end if last else "")
    found = read(put(text.encode()))
    assert (found.rows, found.numbers) == (PEOPLE, [2, 3, 4])


def test_line_breaks_inside_quotes_stay_and_rows_keep_their_line_number(put):
    found = read(put(b'a,b\n1,"x\r\ny"\n2,"say ""hi"""\n3,z\n'))
    assert found.rows == [("1", "x\r\ny"), ("2", 'say "hi"'), ("3", "z")]
    assert found.numbers == [2, 4, 5]


MANY = [f"{number},名{number},路{number}" for number in range(2000)]


@pytest.mark.parametrize("at", [0, 700, 1999])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_quote_left_open_costs_its_line_only(put, at, quoted):
    lines = ['"' + line.replace(",", '","') + '"' for line in MANY] if quoted else list(MANY)
    lines[at] = lines[at].removesuffix('"') if quoted else lines[at].replace("名", '"名')
    found = read(put("甲,乙,丙\n" + "\n".join(lines) + "\n"))
    assert found.codes == [(at + 2, "unclosed-quote")]
    assert found.rejects[0].text == lines[at]
    assert found.numbers == [number + 2 for number in range(2000) if number != at]


def test_a_quote_left_open_among_cells_of_several_lines(put):
    text = 'a,b,c\n1,"x,y\n2,"p\nq",r\n3,s,t\n'
    found = read(put(text))
    assert found.codes == [(2, "unclosed-quote")]
    assert found.rows == [("2", "p\nq", "r"), ("3", "s", "t")]


def test_a_wrong_record_of_several_lines_is_one_reject(put):
    found = read(put('a,b,c\n1,"x\ny"\n2,s,t\n'))
    assert (found.codes, found.rows) == ([(2, "ragged")], [("2", "s", "t")])
    assert found.rejects[0].text == '1,"x\ny"'


def test_a_long_quoted_cell_is_no_runaway(put):
    story = "\n".join(f"第{number}段" for number in range(records.SUSPECT_LINES * 3))
    found = read(put(f'a,b,c\n1,"{story}",z\n2,x,y\n'))
    assert found.rows == [("1", story, "z"), ("2", "x", "y")]
    assert found.numbers == [2, 2 + records.SUSPECT_LINES * 3]


def test_text_after_a_closing_quote_is_rejected_not_guessed(put):
    found = read(put('a,b\n1,"国有"企业\n2,x\n'))
    assert (found.codes, found.rows) == ([(2, "stray-quote")], [("2", "x")])


def test_quotes_mean_nothing_where_the_contract_says_so(put):
    found = read(put('a,b\n1,"国有"企业\n2,"x\n'), quote="")
    assert found.rows == [("1", '"国有"企业'), ("2", '"x')]


def test_nul_bytes_cost_their_record_only(put):
    found = read(put(b"a,b\n1,x\0y\n2,z\n"))
    assert (found.codes, found.rows) == ([(2, "nul")], [("2", "z")])
    assert found.rejects[0].text == "1,x\\x00y"


def test_a_line_beyond_the_limit_is_rejected_in_bounded_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,x\n2,")
        for _ in range(100):
            file.write(b"y" * 1_000_000)
        file.write(b"\n3,z\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = read(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (found.codes, found.rows, found.numbers) == (
        [(3, "line-too-long")],
        [("1", "x"), ("3", "z")],
        [2, 4],
    )
    assert found.rejects[0].values["length"] == 100_000_003
    assert grown < 80_000  # kilobytes: well below the line


def test_a_file_of_one_endless_line_is_refused(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"x," * 5_000_000)
    with pytest.raises(errors.LineTooLong):
        read(path)


def test_a_cell_larger_than_pythons_default_limit_is_read(put):
    photograph = "A" * 300_000
    found = read(put(f'a,b\n1,"{photograph}"\n'))
    assert found.rows == [("1", photograph)]


def test_a_table_of_nothing_but_its_header_has_no_rows(put):
    found = read(put("姓名,性别\n"), ("姓名", "性别"))
    assert (found.columns, found.rows, found.rejects) == (("姓名", "性别"), [], [])


@pytest.mark.parametrize("content", ["", "\n\n\n", "   \n"])
def test_an_empty_file_is_refused(put, content):
    with pytest.raises((errors.SourceEmpty, errors.HeaderMissing)):
        read(put(content), HEAD)


def test_a_file_that_changes_while_it_is_read_is_refused(put):
    path = put("a,b\n" + "1,x\n" * 3_000_000)
    with open_source(resolve(str(path))) as reader:
        batches = reader.batches()
        next(batches)
        with path.open("r+b") as file:
            file.seek(-4, io.SEEK_END)
            file.write(b"9,q\n")
        with pytest.raises(errors.SourceChanged) as refusal:
            list(batches)
    assert refusal.value.retry_helps


def test_the_ways_through_a_block_agree(put):
    """Plain, quoted and damaged blocks take different ways; the records are the same."""
    rows = [(str(number), f"名{number}", "" if number % 3 else "甲") for number in range(300)]
    plain = "a,b,c\n" + "".join(",".join(row) + "\n" for row in rows)
    quoted = plain.replace("名7,", '"名7",')
    damaged = plain + "x\n"
    expected = read(put(plain)).rows
    assert expected == rows
    assert read(put(quoted)).rows == rows
    assert read(put(damaged)).rows == rows


def test_facts_can_be_read_by_a_person(put):
    facts = read(put(TEXT)).facts
    assert facts["delimiter"] == "comma"
    assert facts["bytes"] == len(TEXT.encode())
    assert len(facts["sha256"]) == 64


def test_real_tables_are_read_whole(shared: Path):
    for path in sorted(shared.glob("tables/renjiyi_*(*).csv")):
        found = read(path)
        assert (len(found.rows), found.columns[0], found.rejects) == (31, "地区", [])
        assert [title["row"] for title in found.facts["titles"]] == [1, 2, 3]
        assert found.facts["footnotes"][-1]["text"].startswith("数据来源")


@pytest.mark.parametrize(
    ("name", "encoding", "rows"),
    [
        ("firms/listed_company_accounts_gbk.csv", "gb18030", 1763),
        ("firms/company_list_2020-10.csv", "utf-8-sig", 1869),
        ("firms/annual_accounts.csv", "utf-8-sig", 17257),
        ("events/pingshan_civic_events_2018_to_october_gbk.csv", "gb18030", 6952),
        ("messages/department_messages_segmented.csv", "utf-8-sig", 4605),
        ("catalog/raw_01_taipei.csv", "cp950", 1127),
    ],
)
def test_real_files_match_pythons_own_reading(shared: Path, name, encoding, rows):
    with (shared / name).open(encoding=encoding, newline="") as file:
        by_hand = list(csv.reader(file))
    found = read(shared / name)
    assert found.rows == [tuple(row) for row in by_hand[1:]]
    assert len(found.rows) == rows
