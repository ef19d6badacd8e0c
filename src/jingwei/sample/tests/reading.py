"""Reads the sample's files with nothing but the standard library (and a workbook reader), as a
stranger would: what these readers cannot see is not in the file."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

from python_calamine import CalamineWorkbook

ENCODINGS = {
    "medical/insured.csv": "gb18030",
    "social/insured.csv": "utf-8-sig",
    "health/record.csv": "utf-16",
    "civil/marriage.tsv": "gb18030",
    "tax/taxpayer.csv": "gb18030",
    "credit/penalty.csv": "gb18030",
}

Row = dict[str, str | None]


def read_sheet(path: Path) -> list[Row]:
    name = f"{path.parent.name}/{path.name}"
    if path.suffix == ".db":
        with sqlite3.connect(path) as con:
            (table,) = con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()
            cursor = con.execute(f'SELECT * FROM "{table}"')
            headers = [column[0] for column in cursor.description]
            return [dict(zip(headers, row, strict=True)) for row in cursor]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".geojson":
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [
            {**feature["properties"], "geometry": json.dumps(feature["geometry"])} for feature in features
        ]
    if path.suffix == ".xlsx":
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        headers = [low or high for high, low in zip(rows[2], rows[3], strict=True)]
        return [
            {header: str(cell) if cell != "" else None for header, cell in zip(headers, row, strict=True)}
            for row in rows[4:-2]
        ]
    delimiter = "\t" if path.suffix == ".tsv" else ","
    with path.open(encoding=ENCODINGS.get(name, "utf-8"), newline="") as lines:
        return [
            {header: cell or None for header, cell in row.items()}
            for row in csv.DictReader(lines, delimiter=delimiter, strict=True)
        ]
