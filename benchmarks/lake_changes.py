"""Changes rows of standard tables as a day's collections would: `python -m benchmarks.lake_changes ROWS RESOURCE...`, in a
home's environment. Of the rows a half get another phone, a quarter lose their number, an eighth go and an eighth come."""

import sys

import django

django.setup()

from jingwei.engines import lake  # noqa: E402  (needs Django's settings)

rows, resources = int(sys.argv[1]), sys.argv[2:]
each = rows // len(resources)
for resource in resources:
    table = f'lake.standard."{resource}"'
    with lake().write(f"change {resource}") as con:
        con.execute(f"CREATE TEMP TABLE chosen AS FROM {table} ORDER BY hash(_key, 1) LIMIT {each}")
        con.execute(
            "CREATE TEMP TABLE numbered AS SELECT *, row_number() OVER (ORDER BY _key) AS turn FROM chosen"
        )
        con.execute(f"DELETE FROM {table} WHERE _key IN (SELECT _key FROM numbered)")
        changed = (
            "SELECT * EXCLUDE (turn) REPLACE (CASE WHEN turn % 8 < 4 THEN '1990' || lpad(CAST(hash(_key) % 10000000 AS VARCHAR), 7, '0')"
            " ELSE phone END AS phone, CASE WHEN turn % 8 IN (4, 5) THEN NULL ELSE id_number END AS id_number,"
            " CASE WHEN turn % 8 = 6 THEN 'new' || _key ELSE _key END AS _key) FROM numbered WHERE turn % 8 < 7"
        )
        con.execute(f"INSERT INTO {table} BY NAME {changed}")
        con.execute("DROP TABLE chosen; DROP TABLE numbered")
