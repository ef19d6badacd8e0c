"""Tables of databases, read in one snapshot as the text the database itself prints."""

from jingwei.collection.connectors.database.adbc import ADBC
from jingwei.collection.connectors.database.mysql import MySQL
from jingwei.collection.connectors.database.odbc import ODBC
from jingwei.collection.connectors.database.postgres import Postgres
from jingwei.collection.connectors.database.sqlite import SQLite

__all__ = ["ADBC", "ODBC", "MySQL", "Postgres", "SQLite"]
