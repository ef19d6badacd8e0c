"""`make bench` (all) or `make bench BENCH=name`: prints tables of what is asked, measured, reached."""

from __future__ import annotations

import sys

from benchmarks import (
    arrival,
    cold,
    database,
    incremental,
    kills,
    large_file,
    ledger,
    linkage,
    long_tables,
    lookups,
    million,
    quality,
    register_change,
    rules,
    tables,
    ten_million,
    typing,
)

ALL = {
    "kills": kills,
    "large_file": large_file,
    "rules": rules,
    "tables": tables,
    "long_tables": long_tables,
    "quality": quality,
    "database": database,
    "incremental": incremental,
    "million": million,
    "lookups": lookups,
    "ten_million": ten_million,
    "typing": typing,
    "ledger": ledger,
    "linkage": linkage,
    "register_change": register_change,
    "arrival": arrival,
    "cold": cold,
}


def main() -> int:
    wanted = sys.argv[1:] or list(ALL)
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(ALL)}")
        return 1
    missed = False
    for name in wanted:
        report = ALL[name].main()
        report.show()
        report.save()
        missed |= any(row.reached is False for row in report.rows)
        print()
    return 1 if missed else 0


sys.exit(main())
