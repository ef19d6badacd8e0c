"""The order of a change table: every row has a sequence value, and no two the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from jingwei.collection.connectors import errors
from jingwei.kernel.text import Text

AGAIN = Text("又来了序号相同的行", "rows with the same sequence values have come since")


def checked(values: Sequence[str | bytes | None], location: str, table: str, column: str) -> list[str]:
    """The values as text; raises `SequenceFaulty` where one is empty or stands twice."""
    given = [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values]
    wrong = sum(value is None for value in given)
    wrong += sum(count for value, count in Counter(given).items() if count > 1 and value is not None)
    if wrong:
        raise errors.SequenceFaulty(location=location, table=table, column=column, rows=wrong)
    return [value for value in given if value is not None]
