"""SQL dumps: the rows of one table's INSERT statements, as a department's export tool writes them.

    file ─encoding─▶ text ─insert_reader─▶ rows

Nothing is executed. The reader is imported when a dump is opened: the parser it needs takes longer to load
than most commands run.
"""

from __future__ import annotations

import importlib

from jingwei.collection.connectors.base import Connector, Reader, Source, register
from jingwei.collection.connectors.encoding import find_encoding
from jingwei.collection.connectors.files import survey, usable
from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text

LIMIT = 64 << 20


class DumpTooLarge(BadInput):
    code = "dump-too-large"
    what = Text(
        "{location} 有 {size} MB，SQL 脚本最多读 {limit} MB。",
        "{location} has {size} MB; SQL dumps are read up to {limit} MB.",
    )
    do = Text("请直接连数据库采集，或导出为 CSV。", "Collect from the database itself, or export CSV.")


class DumpUnreadable(BadInput):
    code = "dump-unreadable"
    what = Text("{location} 不是能读的 SQL 脚本：{why}。", "{location} cannot be read as SQL: {why}.")
    do = Text("请确认是 MySQL 或 PostgreSQL 导出的脚本。", "Check that it is a dump of MySQL or PostgreSQL.")


class NoSuchInserts(BadInput):
    code = "no-such-inserts"
    what = Text(
        "{location} 里没有表 {table} 的 INSERT 语句。有：{found}。",
        "{location} has no INSERT statements for the table {table}. It has: {found}.",
    )
    do = Text("在契约里改 physicalName。", "Correct physicalName in the contract.")


@register
class InsertStatements(Connector):
    """Options: `encoding`, `dialect` (mysql, postgres)."""

    name = "insert_statements"
    formats = ("sql",)
    suffixes = (".sql",)

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        seen = survey(path)
        if seen.size > LIMIT:
            raise DumpTooLarge(location=source.location, size=seen.size >> 20, limit=LIMIT >> 20)
        expected = (alias for aliases in source.headers for alias in aliases)
        encoding = find_encoding(source.location, seen, expected, source.options.get("encoding"))
        text = path.read_bytes().decode(encoding.codec, "replace")
        reading = importlib.import_module("jingwei.collection.connectors.insert_reader")
        reader: Reader = reading.InsertReader(source, text)
        reader.facts |= {
            "format": "sql",
            "bytes": seen.size,
            "sha256": seen.sha256,
            "encoding": encoding.title,
        }
        return reader
