"""The peer of the `rules` benchmark: reads a CSV and writes its rows to the lake twice, as they are.

Twice, because a collection writes them twice too: raw as they came, and standardized.
"""

import sys
from contextlib import closing

import django
import pyarrow as pa

django.setup()

from jingwei.collection.connectors.resolve import open_source, resolve  # noqa: E402  (needs Django's settings)
from jingwei.engines import lake  # noqa: E402

engine = lake()
with engine.connect() as con, open_source(resolve(sys.argv[1])) as reader, closing(con):
    schema = pa.schema([("_row", pa.int64()), *((header, pa.utf8()) for header in reader.columns)])
    con.register(
        "incoming", pa.RecordBatchReader.from_batches(schema, (batch.rows for batch in reader.batches()))
    )
    con.execute("CREATE TEMP TABLE stage AS SELECT * FROM incoming")
    with engine.transaction(con, "bench"):
        for schema_name in ("raw", "standard"):
            engine.replace(con, schema_name, "bench.bare", "SELECT * FROM stage")
