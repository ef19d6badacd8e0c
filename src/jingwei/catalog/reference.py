"""The reference page of the built-in data elements, written from their declarations.

    python -m jingwei.catalog.reference > docs/reference/elements.md

A page written by hand would be wrong the day after a check is added; a test compares the page in
the repository with what this module writes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import django

from jingwei.catalog.codes import CodeList
from jingwei.catalog.elements import Element
from jingwei.packs.service import installed

PACK = "standards"

HEAD = """# Data elements 数据元

The built-in pack `standards`. A contract names one of these as the `element` of a field; the field's
text is then mended, checked, typed and masked as told here. This page is written from the
declarations in `packs/standards` by `python -m jingwei.catalog.reference`.

Before any element looks at a text: full-width letters and digits become half-width, outer and
repeated spaces and unseen characters go, and `-`, `—`, `/`, `NULL`, `N/A`, `无`, `暂无` and the like
mean that there is nothing.

| element | title | standard | type | mended | masked |
|---|---|---|---|---|---|
"""


def page(elements: Iterable[Element], code_lists: Iterable[CodeList]) -> str:
    """The page in Markdown; elements and lists in the order of their names."""
    elements = sorted(elements, key=lambda element: element.element)
    lines = [HEAD.rstrip("\n"), *map(_row, elements), "", "## What is refused 不收什么"]
    for element in elements:
        lines += list(_refusals(element))
    lines += ["", "## Code lists 代码表"]
    for codes in sorted(code_lists, key=lambda codes: codes.list):
        lines += list(_codes(codes))
    return "\n".join(lines) + "\n"


def _row(element: Element) -> str:
    mask = element.mask
    shown = f"first {mask.first}, last {mask.last} stay" if mask else "no"
    mended = f"{element.mends.zh}<br>{element.mends.en}"
    cells = [
        f"`{element.element}`",
        f"{element.title.zh}<br>{element.title.en}",
        element.standard,
        element.sql_type,
        mended,
        shown,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _refusals(element: Element) -> Iterator[str]:
    yield f"\n### `{element.element}` {element.title.zh}\n"
    yield "| code | says |\n|---|---|"
    for code, text in element.reasons:
        yield f"| `{code}` | {text.zh}<br>{text.en} |".replace("{", "‹").replace("}", "›")


def _codes(codes: CodeList) -> Iterator[str]:
    yield f"\n### `{codes.list}` {codes.title.zh} {codes.title.en}, {codes.standard}\n"
    yield "| code | title | also understood |\n|---|---|---|"
    for entry in sorted(codes.entries, key=lambda entry: entry.code):
        yield f"| {entry.code} | {entry.title.zh}<br>{entry.title.en} | {'、'.join(entry.synonyms)} |"


def current() -> str:
    """The page as the installed pack makes it."""
    declared = installed().declared

    def own(section: str) -> list[object]:
        return [one.value for one in declared[section].values() if one.pack == PACK]

    return page(own("elements"), own("codes"))  # type: ignore[arg-type]


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(current())
