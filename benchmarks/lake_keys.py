"""Prints the record keys of a resource's standard table: `python -m benchmarks.lake_keys RESOURCE`, in a home's environment."""

import sys

import django

django.setup()

from jingwei.engines import lake  # noqa: E402  (needs Django's settings)

with lake().read() as con:
    for (key,) in con.execute(f'SELECT _key FROM lake.standard."{sys.argv[1]}" ORDER BY _row').fetchall():
        print(key)
