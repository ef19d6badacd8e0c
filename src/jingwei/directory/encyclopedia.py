"""Elements and code lists as articles: what they say of themselves, examples that were tried, who uses them.

elements, codes, cases of the packs' tests ──▶ Article ──▶ search, page
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jingwei.catalog.cases import Case, documents
from jingwei.catalog.codes import Code, CodeList
from jingwei.catalog.contracts import Field
from jingwei.catalog.elements import Element
from jingwei.directory.kept import while_unchanged
from jingwei.directory.resources import Resource, resources
from jingwei.directory.words import Entry, Index, within
from jingwei.kernel.text import Text
from jingwei.packs.service import Catalogue, installed
from jingwei.registers.declaration import Register, RegisterField
from jingwei.window.items import Item, ItemField

KINDS = {"element": Text("数据元", "Elements"), "codes": Text("代码表", "Code lists")}
ELEMENT, CODES = Text("数据元", "data element"), Text("代码表", "code list")
EXAMPLES = 6


@dataclass(frozen=True)
class Article:
    kind: str
    name: str
    title: Text
    standard: str
    said: Text
    uses: int


@dataclass(frozen=True)
class Uses:
    """Where an element is used."""

    fields: tuple[tuple[Resource, Field], ...]
    register_fields: tuple[tuple[Register, RegisterField], ...]
    item_fields: tuple[tuple[Item, ItemField], ...]

    @property
    def count(self) -> int:
        return len(self.fields) + len(self.register_fields) + len(self.item_fields)


@dataclass(frozen=True)
class ElementArticle:
    element: Element
    pack: str
    codes: CodeList | None
    given: tuple[Case, ...]
    """Cases that give a value, the plain ones first."""
    refused: tuple[tuple[Case, Text], ...]
    uses: Uses


@dataclass(frozen=True)
class CodesArticle:
    codes: CodeList
    pack: str
    elements: tuple[tuple[Element, Uses], ...]


@while_unchanged
def _uses(known: Catalogue) -> dict[str, Uses]:
    fields: dict[str, list[tuple[Resource, Field]]] = {}
    for one in resources().values():
        for f in one.contract.fields:
            fields.setdefault(f.element_name, []).append((one, f))
    inside: dict[str, list[tuple[Register, RegisterField]]] = {}
    for register in known.section("registers").values():
        for r in register.fields:
            inside.setdefault(r.element, []).append((register, r))
    forms: dict[str, list[tuple[Item, ItemField]]] = {}
    for item in known.section("items").values():
        for i in item.fields:
            forms.setdefault(i.element, []).append((item, i))
    return {
        name: Uses(tuple(fields.get(name, ())), tuple(inside.get(name, ())), tuple(forms.get(name, ())))
        for name in known.section("elements")
    }


@while_unchanged
def _articles(known: Catalogue) -> dict[str, Article]:
    uses = _uses()
    found: dict[str, Article] = {}
    for name, element in sorted(known.section("elements").items()):
        found[f"element:{name}"] = Article(
            "element", name, element.title.text(), element.standard, element.mends.text(), uses[name].count
        )
    for name, codes in sorted(known.section("codes").items()):
        users = [element for element in known.section("elements").values() if element.codes == name]
        said = Text("{n} 项：{first}", "{n} codes: {first}").fill(
            n=len(codes.entries), first=_some(codes.entries)
        )
        found[f"codes:{name}"] = Article("codes", name, codes.title.text(), codes.standard, said, len(users))
    return found


def _some(entries: tuple[Code, ...]) -> Text:
    few = entries[:5]
    more = len(entries) > len(few)
    return Text(
        "、".join(e.title.zh for e in few) + ("…" if more else ""),
        ", ".join(e.title.en for e in few) + (" …" if more else ""),
    )


@while_unchanged
def _index(known: Catalogue) -> Index:
    entries = []
    for key, one in _articles().items():
        texts = [(1.0, one.standard), (0.8, " ".join(one.said))]
        if one.kind == "codes":
            codes: CodeList = known.section("codes")[one.name]
            texts += [
                (0.9, "\n".join(" ".join((e.code, *e.title.text(), *e.synonyms)) for e in codes.entries))
            ]
        else:
            users = _uses()[one.name]
            texts += [(0.7, "\n".join(sorted({f.title.zh for _, f in users.fields})))]
        entries.append(Entry(key, (*one.title, one.name), tuple(texts)))
    return Index(entries)


def find(asked: str) -> list[Article]:
    """Articles that answer, best first; where nothing was asked, all, the most used first."""
    known = _articles()
    found = [known[key] for key in _index().find(asked)]
    return found if asked.strip() else sorted(found, key=lambda a: (a.kind != "element", -a.uses, a.name))


def element(name: str) -> ElementArticle:
    """Raises UnknownName."""
    known = installed()
    one: Element = known.get("elements", name, ELEMENT)
    declared = known.declared["elements"][name]
    cases = list(_cases(declared.path.parents[1]).get(name, ()))
    given = sorted((c for c in cases if c.gives is not None), key=lambda c: c.given != c.gives)
    plain = [c for c in given if c.given == c.gives][: EXAMPLES // 2]
    mended = [c for c in given if c.given != c.gives][: EXAMPLES - len(plain)]
    reasons = dict(one.reasons)
    refused: dict[str, tuple[Case, Text]] = {}
    for case in cases:
        if case.fault and case.fault in reasons:
            refused.setdefault(case.fault, (case, reasons[case.fault]))
    codes = known.section("codes").get(one.codes) if one.codes else None
    return ElementArticle(
        one, declared.pack, codes, (*plain, *mended), tuple(refused.values()), _uses()[name]
    )


def codes(name: str) -> CodesArticle:
    """Raises UnknownName."""
    known = installed()
    one: CodeList = known.get("codes", name, CODES)
    users = [(e, _uses()[e.element]) for e in known.section("elements").values() if e.codes == name]
    return CodesArticle(one, known.declared["codes"][name].pack, tuple(users))


def entries(codes: CodeList, asked: str) -> list[Code]:
    found = sorted(codes.entries, key=lambda entry: entry.code)
    if not asked.strip():
        return found
    return [e for e in found if within(" ".join((e.code, *e.title.text(), *e.synonyms)), asked)]


@while_unchanged
def _read_cases(known: Catalogue) -> dict[Path, Mapping[str, tuple[Case, ...]]]:
    return {pack.folder: dict(_of(pack.folder)) for pack in known.packs.values()}


def _of(folder: Path) -> Iterator[tuple[str, tuple[Case, ...]]]:
    try:
        yield from ((cases.element, cases.cases) for _, cases, _ in documents(folder) if cases is not None)
    except ValueError:
        # a file of tests that is no YAML is the pack's business, not the reader's
        return


def _cases(folder: Path) -> Mapping[str, tuple[Case, ...]]:
    return _read_cases().get(folder, {})
