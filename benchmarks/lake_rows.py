"""Writes the rows of several standard tables as one Parquet file, as they are in the lake:
`python -m benchmarks.lake_rows FILE RESOURCE...`, in a home's environment."""

import sys

import django

django.setup()

from jingwei.engines import lake  # noqa: E402  (needs Django's settings)

NAMES = ("name", "birth_date", "id_number", "phone", "address")

with lake().read() as con:
    fields = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in NAMES)
    parts = [
        f"SELECT '{resource}' AS resource, _key AS record_key, {fields} FROM lake.standard.\"{resource}\""
        for resource in sys.argv[2:]
    ]
    con.execute(
        f"COPY (SELECT row_number() OVER (ORDER BY resource, record_key) AS rid, * FROM ({' UNION ALL '.join(parts)})) "
        f"TO '{sys.argv[1]}' (FORMAT parquet)"
    )
