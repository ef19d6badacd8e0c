"""Declared tables: filter, order, choose columns, page, keep, export.

    TABLE = Table("collection.runs", Text("批次", "Runs"), action="run.read", columns=(...), order="-started")

    def runs(request):
        shown = TABLE.read(request, Stored(Run.objects.all()))
        return shown.download or render(request, "collection/runs.html", {"runs": shown})

The template draws it: `{% import "parts/table.html" as tables with context %}{{ tables.table(runs) }}`.
What a reader chose stands in the address (`address.py`), rows come from a queryset by walking its index from
the last row shown (`stored.py`) or from a list (`listed.py`); files are written row by row (`export.py`).
"""

from jingwei.parts.tables.columns import Column
from jingwei.parts.tables.listed import Listed
from jingwei.parts.tables.stored import Stored
from jingwei.parts.tables.table import Shown, Table

__all__ = ["Column", "Listed", "Shown", "Stored", "Table"]
