"""SQL dumps are read, never run."""

import pytest

from jingwei.collection.connectors import Source
from jingwei.collection.connectors.insert_statements import DumpUnreadable, InsertStatements, NoSuchInserts

DUMP = """\
CREATE TABLE IF NOT EXISTS `shop` (
  `id` int NOT NULL COMMENT 'a, (b)',
  `name` varchar(20) DEFAULT NULL,
  PRIMARY KEY (`id`), KEY `n` (`name`)
);
INSERT INTO `other` VALUES (1);
INSERT INTO `shop` VALUES (1, '沈\\'云;禾)'), (-2, NULL);
INSERT INTO shop (name, id) VALUES ('b', 3);
"""


def read(tmp_path, text, table="shop"):
    path = tmp_path / "dump.sql"
    path.write_text(text, encoding="utf-8")
    with InsertStatements().open(Source(str(path), "sql", table)) as reader:
        found = list(reader.batches())
    rows = [tuple(row.values()) for batch in found for row in batch.rows.to_pylist()]
    return reader, rows, [reject for batch in found for reject in batch.rejects]


def test_rows_come_with_the_line_they_start_on_and_the_columns_of_create_table_whatever_order_an_insert_lists(
    tmp_path,
):
    reader, rows, rejects = read(tmp_path, DUMP)
    assert reader.columns == ("id", "name")
    assert rows == [(7, "1", "沈'云;禾)"), (7, "-2", None), (8, "3", "b")] and rejects == []


def test_a_value_that_is_no_literal_and_a_row_of_another_width_are_rejected(tmp_path):
    _, rows, rejects = read(tmp_path, "INSERT INTO shop (a, b) VALUES (1, now()), (2), (3, 4);")
    assert rows == [(1, "3", "4")]
    assert [reject.code for reject in rejects] == ["not-literal", "ragged"]


def test_a_table_that_is_not_in_the_dump_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(NoSuchInserts) as told:
        read(tmp_path, DUMP, "shops")
    assert "shop" in told.value.what.en


def test_a_dump_that_ends_within_a_string_is_refused(tmp_path):
    with pytest.raises(DumpUnreadable):
        read(tmp_path, "INSERT INTO shop (a) VALUES ('never closed")
