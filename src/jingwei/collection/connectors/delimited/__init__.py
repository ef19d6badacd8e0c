"""Text files of separated cells: CSV, TSV and what departments call so."""

from jingwei.collection.connectors.delimited.connector import Delimited

__all__ = ["Delimited"]
