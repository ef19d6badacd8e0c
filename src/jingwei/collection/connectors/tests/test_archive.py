"""Zipped tables: one, several in a row, with other files beside them; and archives that are not what they should be."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from jingwei.collection.connectors import errors, file_errors, open_source, resolve, unpacking
from jingwei.collection.connectors.tests.conftest import Everything, read

pytestmark = pytest.mark.usefixtures("home")
ONE = "编号,姓名\n1,沈云禾\n2,许可心\n"
TWO = "姓名,编号\n\n张三,3\n少\n李四,4\n"
EXPECTED = ("编号", "姓名")


@pytest.fixture
def pack_up(tmp_path: Path):
    def made(_name: str = "t.zip", /, **members: str | bytes) -> Path:
        with zipfile.ZipFile(tmp_path / _name, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member.replace("__", "."), content)
        return tmp_path / _name

    return made


def scratch(home: Path) -> list[Path]:
    return [path for path in (home / "tmp").glob("scratch-*/*") if path.name != "lock"]


def test_a_table_alone_is_read_as_what_it_is(pack_up, home):
    found = read(pack_up(people__csv=ONE))
    assert found.rows == [("1", "沈云禾"), ("2", "许可心")]
    assert (found.facts["format"], found.facts["archive"]) == ("csv", "zip")
    assert found.facts["members"] == [{"name": "people.csv", "rows": 2, "numbers": [1, 3]}]
    assert scratch(home) == []


def test_a_gz_is_one_table_named_like_the_archive(put):
    path = put(gzip.compress(b'{"a": 440301199001011234}\n'), "t.jsonl.gz")
    assert read(path).rows == [("440301199001011234",)]
    assert read(put(gzip.compress(ONE.encode("gb18030")), "noname")).facts["encoding"] == "GB18030"


def test_a_workbook_in_a_zip_is_no_archive_in_an_archive(pack_up):
    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet().write_row(0, 0, ["编号"])
        book.worksheets()[0].write_row(1, 0, ["7"])
    assert read(pack_up(b__xlsx=plain.getvalue())).rows == [("7",)]


def test_several_tables_are_read_in_order_each_a_partition(pack_up):
    path = pack_up(b__csv=TWO, a__csv=ONE)
    with open_source(resolve(str(path), None, None, [(name,) for name in EXPECTED])) as reader:
        batches = list(reader.batches())
        rows = [tuple(row.values()) for batch in batches for row in batch.rows.to_pylist()]
        rejects = [reject for batch in batches for reject in batch.rejects]
    assert rows == [(2, "1", "沈云禾"), (3, "2", "许可心"), (6, "3", "张三"), (8, "4", "李四")]
    assert [(reject.row, reject.text) for reject in rejects] == [(7, "少")]
    assert [(one.name, one.rows) for one in reader.partitions] == [("a.csv", 2), ("b.csv", 3)]
    assert reader.partitions[0].checksum == hashlib.sha256(ONE.encode()).hexdigest()
    assert reader.facts["members"][1] == {"name": "b.csv", "rows": 3, "numbers": [4, 8]}


def test_other_tables_and_documents_are_left_out_and_said(pack_up):
    found = read(
        pack_up(a__csv=ONE, codes__csv="代码,含义\n1,男\n", 说明__txt="请查收", x__pdf=b"%PDF"), EXPECTED
    )
    assert len(found.rows) == 2
    assert [(one["name"], one["why"]) for one in found.facts["members_left_out"]] == [
        ("codes.csv", "header-missing"),
        ("说明.txt", "header-missing"),
    ]


def test_without_a_contract_only_tables_alike_are_read_together(pack_up):
    assert len(read(pack_up(a__csv=ONE, b__csv="姓名,编号\n张三,3\n")).rows) == 3
    with pytest.raises(file_errors.MemberAmbiguous) as refusal:
        read(pack_up(a__csv=ONE, b__csv="x,y\n1,2\n"))
    assert "a.csv" in str(refusal.value.what)


def test_member_names_the_tables_that_are_meant(pack_up):
    path = pack_up(
        **{
            "2026/resident_1.csv": ONE,
            "2026/resident_2.csv": TWO,
            "2026/other.csv": "街道,网格\n松涛,1\n龙田,2\n",
        }
    )
    assert len(read(path, EXPECTED, member="Resident_*.csv").rows) == 4
    assert read(path, member="2026/other.csv").rows == [("松涛", "1"), ("龙田", "2")]
    with pytest.raises(file_errors.MemberMissing) as refusal:
        read(path, member="none*")
    assert "resident_1.csv" in str(refusal.value.what)
    with pytest.raises(errors.HeaderMissing) as refusal:
        read(path, EXPECTED, member="other.csv")
    assert "t.zip › 2026/other.csv" in str(refusal.value.what)


def test_a_table_that_lacks_what_the_others_have_is_refused(pack_up):
    path = pack_up(a__csv=ONE, b__csv="编号,别的\n3,x\n")
    with pytest.raises(file_errors.MembersDiffer) as refusal:
        read(path, EXPECTED)
    assert "b.csv" in str(refusal.value.what) and "姓名" in str(refusal.value.what)


def test_a_damaged_table_among_others_is_not_passed_over(pack_up):
    with pytest.raises(errors.JsonCutOff):
        read(pack_up(a__json='[{"编号": 1, "姓名": "甲"}]', b__json='[{"编号": 2, "姓'), EXPECTED)


def test_names_a_chinese_windows_wrote_are_read_as_gbk(tmp_path):
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("xxxx.csv", ONE)
    (tmp_path / "t.zip").write_bytes(plain.getvalue().replace(b"xxxx", "名册".encode("gbk")))
    assert read(tmp_path / "t.zip", member="名册.csv").facts["members"][0]["name"] == "名册.csv"


def test_a_zipped_shapefile_is_one_table(pack_up):
    shape = struct.pack("<i2d", 1, 114.5, 22.25)
    body = struct.pack(">2i", 1, len(shape) // 2) + shape
    head = (
        struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (100 + len(body)) // 2)
        + struct.pack("<2i", 1000, 1)
        + bytes(64)
    )
    fields = b"name".ljust(11, b"\0") + b"C" + bytes(4) + bytes([6, 0]) + bytes(14)
    dbf = (
        struct.pack("<B3BIHH", 3, 126, 1, 2, 1, 65, 7)
        + bytes(20)
        + fields
        + b"\r"
        + b" "
        + "坪山".encode().ljust(6)
    )
    found = read(
        pack_up(**{"gis/区.shp": head + body, "gis/区.dbf": dbf, "gis/区.prj": 'GEOGCS["CGCS2000"]'})
    )
    assert found.rows == [("坪山", "POINT (114.5 22.25)")]
    assert (found.facts["format"], found.facts["crs"]) == ("shapefile", "CGCS2000")


def test_an_encrypted_archive_is_refused(tmp_path, pack_up):
    path = pack_up(a__csv=ONE)
    data = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    path.write_bytes(data)
    with pytest.raises(file_errors.ArchiveEncrypted):
        read(path)


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_an_archive_that_is_cut_off_is_refused_and_may_be_sent_again(put, pack_up, kind, keep):
    text = ONE + "".join(f"{at},{hashlib.md5(str(at).encode()).hexdigest()}\n" for at in range(5000))
    whole = pack_up(a__csv=text).read_bytes() if kind == "zip" else gzip.compress(text.encode())
    with pytest.raises(file_errors.ArchiveDamaged) as refusal:
        read(put(whole[: int(len(whole) * keep)], f"cut.{kind}"))
    assert refusal.value.retry_helps


def test_a_byte_that_was_changed_in_transfer_is_noticed(pack_up):
    path = pack_up(a__csv=ONE * 100)
    data = bytearray(path.read_bytes())
    data[60] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(file_errors.ArchiveDamaged):
        read(path)


def test_a_bomb_is_left_off_before_it_fills_the_disk(pack_up, monkeypatch, home):
    monkeypatch.setattr(unpacking, "BEYOND", 5_000_000)
    with pytest.raises(file_errors.ArchiveTooLarge):
        read(pack_up(a__csv=b"0" * 20_000_000))
    assert scratch(home) == []
    monkeypatch.setattr(unpacking, "LARGEST", 1000)
    with pytest.raises(file_errors.ArchiveTooLarge):
        read(pack_up(a__csv=ONE * 100))


@pytest.mark.parametrize("inner", ["zip", "gz"])
def test_an_archive_in_an_archive_is_refused(pack_up, inner):
    content = pack_up("inner.zip", a__csv=ONE).read_bytes() if inner == "zip" else gzip.compress(ONE.encode())
    with pytest.raises(file_errors.ArchiveNested) as refusal:
        read(pack_up(**{f"inner.{inner}": content}))
    assert f"inner.{inner}" in str(refusal.value.what)


@pytest.mark.parametrize("start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"BZh9", b"\xfd7zXZ\0"])
def test_archives_of_other_kinds_are_named(put, start):
    with pytest.raises(file_errors.ArchiveForeign):
        read(put(start + bytes(200), "t.csv"))


def test_an_empty_archive_and_one_of_documents_hold_no_table(pack_up):
    for path in (pack_up(), pack_up(x__pdf=b"%PDF")):
        with pytest.raises(file_errors.MemberMissing):
            read(path)


def test_an_archive_under_the_name_of_a_table_is_still_one(pack_up):
    found: Everything = read(pack_up("t.csv", a__csv=ONE), format="csv")
    assert (len(found.rows), found.facts["declared_format"]) == (2, "csv")
