"""Workbooks: the sheet that has the expected header, every cell as the text a person sees.

bytes ─judge─▶ sheets ─layout─▶ header ─rows─▶ text, filled down where cells are merged
"""

from __future__ import annotations

from jingwei.collection.connectors.base import Connector, Reader, Source, register
from jingwei.collection.connectors.files import reading, usable
from jingwei.collection.connectors.options import Options
from jingwei.collection.connectors.workbook.container import judge
from jingwei.collection.connectors.workbook.grid import load
from jingwei.collection.connectors.workbook.reader import WorkbookReader
from jingwei.collection.connectors.workbook.sheets import SheetsReader


@register
class Workbook(Connector):
    """`Source.table` names the sheet; if there is none of that name, the header decides."""

    name = "workbook"
    formats = ("xlsx", "xls", "xlsm", "xlsb", "ods")
    suffixes = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et")

    def open(self, source: Source) -> Reader:
        path = usable(source.location)
        with reading(source.location):
            data = path.read_bytes()
        judge(source.location, data)
        book = load(source.location, data)
        if Options.of(source).sheets:
            return SheetsReader(source, data, book)
        return WorkbookReader(source, data, book)
