"""Spreadsheets: XLSX, XLSM, XLSB, XLS and ODS."""

from jingwei.collection.connectors.workbook.connector import Workbook

__all__ = ["Workbook"]
