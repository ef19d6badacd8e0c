"""Ways into the house: each connector here reads one kind of source and registers itself.

Importing this package registers the built-in ones, which take no other path than an added one.
"""

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
from jingwei.collection.connectors.delimited import Delimited
from jingwei.collection.connectors.jsonlines import JsonLines

__all__ = [
    "ROW",
    "Batch",
    "Connector",
    "Delimited",
    "JsonLines",
    "Reader",
    "Reject",
    "Source",
    "connectors",
    "for_format",
    "register",
]
