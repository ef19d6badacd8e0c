"""Understanding tables nobody has described, and proposing the contracts they are collected under."""

from jingwei.collection.connectors.unpivot import unpivoted
from jingwei.collection.understanding.tables import Understanding, Understood, together, understand

__all__ = ["Understanding", "Understood", "together", "understand", "unpivoted"]
