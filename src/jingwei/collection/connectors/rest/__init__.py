"""Services: records behind an address, page by page."""

from jingwei.collection.connectors.rest.connector import Rest

__all__ = ["Rest"]
