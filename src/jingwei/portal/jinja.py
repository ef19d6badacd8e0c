"""The template environment of every page: words in two languages, figures, dates, addresses.

Settings name `environment` for Django's Jinja2 backend; templates live in each room's `jinja2/<room>/`
folder and extend `portal/page.html`. Autoescape is on, and an undefined name is an error rather than
an empty place on the page.
"""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from jingwei.kernel.text import Text, language
from jingwei.portal import figures


def environment(**options: Any) -> Environment:
    env = Environment(**{"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, **options})
    env.globals.update(static=static, url=address, t=speak, language=language)
    env.filters.update(
        number=figures.number,
        share=figures.share,
        day=figures.day,
        moment=figures.moment,
        duration=figures.duration,
    )
    return env


def speak(zh: str, en: str, **values: Any) -> str:
    """`{{ t("还差 {n} 处", "{n} to go", n=3) }}` in the reader's language."""
    return str(Text(zh, en).fill(**values)) if values else str(Text(zh, en))


def address(name: str, *args: Any, **query: Any) -> str:
    """`{{ url("collection:run", run.id, reason="x") }}`; a query value of None is left out."""
    path = reverse(name, args=args)
    return figures.with_query(path, query)
