"""The ready-made sign-ins of a demonstration home, shown on its sign-in page.

`jingwei demo` writes HOME/demo.json; a home without that file shows nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from jingwei.kernel.home import home
from jingwei.kernel.text import Text


@dataclass(frozen=True)
class ReadyMade:
    username: str
    password: str
    name: str = ""
    post: str = ""
    post_en: str = ""

    @property
    def title(self) -> Text:
        return Text(self.post or self.name or self.username, self.post_en or self.post or self.username)


def sign_ins() -> list[ReadyMade]:
    try:
        written = json.loads((home() / "demo.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []
    accounts = written.get("accounts", []) if isinstance(written, dict) else written
    known = ReadyMade.__dataclass_fields__
    return [ReadyMade(**{key: str(value) for key, value in one.items() if key in known}) for one in accounts]
