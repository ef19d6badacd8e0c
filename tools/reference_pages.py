"""Writes the reference pages that the code knows best, so that they cannot say otherwise.

    jingwei.* ──import──▶ subclasses of JingweiError ──by room──▶ docs/reference/errors.md
    COMPARERS ──────────▶ levels and features of a comparison ──▶ a table in docs/reference/registers.md
    OPTIONS ────────────────────────────────────────────────────▶ docs/reference/settings.md

Run `python tools/reference_pages.py` after adding an error, a comparison or a setting;
`tests/test_documents.py` fails until then.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import django

import jingwei
from jingwei.collection.connectors.rejects import REASONS
from jingwei.kernel.errors import NOTHING_CHANGED, JingweiError
from jingwei.registers.matching.comparers import COMPARERS
from jingwei.settings.options import reference

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
TABLE = re.compile(r"(<!-- comparisons: .*? -->\n).*?(<!-- end -->)", re.DOTALL)
MEANT_FOR = {
    "exact": "codes, and whatever is equal or not",
    "text": "names in Latin letters, numbers that carry typos; `also`: the field its value is swapped with",
    "person_name": "Chinese names: homophones, dialects that confuse sounds",
    "organization_name": "full names of companies, taken apart into place, trade name, industry, legal form",
    "short_name": "short names of companies",
    "name_across": "a full name against a short one; `also`: the short name",
    "date": "dates: swapped day and month, typos",
    "phone": "phone numbers",
    "address": "addresses, by road and numbers; `also`: a second address",
    "place": "provinces and cities; `also`: the narrower place",
    "mention": "a name mentioned in a text; `also`: the text",
    "title": "products, documents: words in any order, model numbers with or without signs",
}

HEAD = """# Errors

Written from the code by `python tools/reference_pages.py`.

An error has a stable code, says what happened, what it means for the data and what to do. On the command line it goes
to standard error; with `--json` it is one object on standard output:

```json
{"error": "source-missing", "what": "...", "means": "Nothing was changed.", "do": "...", "retry_helps": false}
```

Exit codes: 1 what was given cannot be used, 2 a run is held for a person, 3 the work could not be done and was undone.
Wrong use of the command line itself (an unknown option, a missing argument) has the code `usage` and exits with 1.
Where *means* is empty, nothing was changed. *Again* says whether the same command may succeed later by itself.
Words in braces are filled in. `pack-faulty` carries all its faults as `faults` in JSON: path, line, code, text.
"""

REJECTS = """
## Why a stretch of a source is no record

These codes stand in quarantine under no field: the connector could not make a record of this stretch. The run goes on.

| code | means |
|---|---|
"""

ROWS = """
## Why a row is quarantined

`field:code` names the field. Besides the checks of data elements (each has its own codes, see
[elements](elements.md)) and the rules of contracts (the code is the rule's name) there are:

| code | means |
|---|---|
| `missing` | a required field is empty |
| `unknown-code` | the value is not in the element's code list |
| `unreadable` | the value cannot be read as the element's type |
| `duplicate-key` | the key stands earlier in the same source, with other values; the first row stays |
"""


def errors_page() -> str:
    """The page, in Markdown."""
    lines = [HEAD]
    for room, errors in sorted(_by_room().items(), key=lambda pair: ROOMS.index(pair[0])):
        lines += [
            f"\n## {room}\n",
            "| code | exit | again | what happened | means | do |",
            "|---|---|---|---|---|---|",
        ]
        for error in sorted(errors, key=lambda e: e.code):
            means = "" if error.means == NOTHING_CHANGED else error.means.en
            again = "yes" if error.retry_helps else "no"
            cells = (f"`{error.code}`", str(error.exit_code), again, error.what.en, means, error.do.en)
            lines.append("| " + " | ".join(_cell(text) for text in cells) + " |")
    rejects = "\n".join(f"| `{code}` | {_cell(text.en)} |" for code, text in sorted(REASONS.items()))
    return "\n".join(lines) + "\n" + ROWS + REJECTS + rejects + "\n"


def comparisons_table() -> str:
    """The comparisons a register may declare, in Markdown."""
    lines = ["| `as` | for | levels, strongest first | features for blocking |", "|---|---|---|---|"]
    for kind, comparer in COMPARERS.items():
        levels = ", ".join(level.name for level in comparer.levels)
        features = ", ".join(f"`{feature}`" for feature in comparer.features)
        lines.append(f"| `{kind}` | {MEANT_FOR[kind]} | {levels} | {features} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """File name and text of every page written here."""
    registers = (REFERENCE / "registers.md").read_text(encoding="utf-8")
    return {
        "errors.md": errors_page(),
        "registers.md": TABLE.sub(
            lambda found: found[1] + "\n" + comparisons_table() + "\n" + found[2], registers
        ),
        "settings.md": reference(),
    }


ROOMS = (
    "kernel",
    "parts",
    "engines",
    "packs",
    "inbox",
    "people",
    "catalog",
    "collection",
    "registers",
    "window",
    "audit",
    "directory",
    "operations",
    "portal",
    "sample",
    "cli",
)


def _by_room() -> dict[str, list]:
    for module in pkgutil.walk_packages(jingwei.__path__, "jingwei."):
        if not re.search(r"\.(tests|migrations|testing|settings|__main__)\b", module.name):
            importlib.import_module(module.name)
    found: dict[str, list] = {}
    for error in _below(JingweiError):
        if "code" in vars(error) and error.__module__.startswith("jingwei."):
            found.setdefault(error.__module__.split(".")[1], []).append(error)
    return found


def _below(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.settings")
    django.setup()
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name} written")
