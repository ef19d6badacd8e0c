"""Ways into the house: each connector here reads one kind of source and registers itself.

Importing this package registers the built-in ones, which take no other path than an added one.
"""

from jingwei.collection.connectors.archive import Archive
from jingwei.collection.connectors.base import (
    ROW,
    Batch,
    Connector,
    Reader,
    Reject,
    Source,
    connectors,
    for_format,
    register,
)
from jingwei.collection.connectors.database import MySQL, Postgres, SQLite
from jingwei.collection.connectors.dbf import Dbf
from jingwei.collection.connectors.delimited import Delimited
from jingwei.collection.connectors.fixed_width import FixedWidth
from jingwei.collection.connectors.geopackage import GeoPackage
from jingwei.collection.connectors.insert_statements import InsertStatements
from jingwei.collection.connectors.jsonlines import JsonLines
from jingwei.collection.connectors.parquet import Parquet
from jingwei.collection.connectors.rejects import reason
from jingwei.collection.connectors.resolve import open_source, resolve
from jingwei.collection.connectors.rest import Rest
from jingwei.collection.connectors.shapefile import Shapefile
from jingwei.collection.connectors.statements import Statements
from jingwei.collection.connectors.workbook import Workbook

__all__ = [
    "ROW",
    "Archive",
    "Batch",
    "Connector",
    "Dbf",
    "Delimited",
    "FixedWidth",
    "GeoPackage",
    "InsertStatements",
    "JsonLines",
    "MySQL",
    "Parquet",
    "Postgres",
    "Reader",
    "Reject",
    "Rest",
    "SQLite",
    "Shapefile",
    "Source",
    "Statements",
    "Workbook",
    "connectors",
    "for_format",
    "open_source",
    "reason",
    "register",
    "resolve",
]
