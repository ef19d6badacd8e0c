"""Content tests of a pack: what an element makes of a text, written down in YAML beside the element.

    tests/*.yaml ──▶ Cases(element, cases) ──standardize──▶ what came out otherwise than written

A declaration is only as good as the ugly inputs it was tried on, so a pack brings them along.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import model_validator

from jingwei.catalog.values import Standardized, Standardizer, standardize_many
from jingwei.kernel.text import Text
from jingwei.packs.declarations import Declaration, Document, Fault, read, shape

OTHERWISE = Text("{given} 应得 {wanted}，得了 {got}", "{given} should give {wanted} and gave {got}")


class Case(Declaration):
    """One text and what must come of it: `gives` the value as text, `fault` the code of the reason, or
    `empty: true` where it means that there is nothing."""

    given: str
    gives: str | None = None
    fault: str | None = None
    says: str | None = None
    empty: bool = False

    @model_validator(mode="after")
    def one_outcome(self) -> Case:
        if sum((self.gives is not None, self.fault is not None, self.empty)) != 1:
            raise ValueError("a case has one of gives, fault and empty")
        return self

    def kept(self, found: Standardized) -> bool:
        if self.fault is not None:
            said = found.fault and self.says in (None, found.fault.text.zh, found.fault.text.en)
            return found.fault is not None and found.fault.code == self.fault and bool(said)
        return found.fault is None and (None if found.value is None else str(found.value)) == self.gives


class Cases(Declaration):
    element: str
    cases: tuple[Case, ...]


def documents(folder: Path) -> Iterator[tuple[Document, Cases | None, list[Fault]]]:
    """The case files of a pack; files of other tests (which name no element) are left alone."""
    for path in sorted((folder / "tests").glob("*.yaml")):
        document, faults = read(path)
        if document is None:
            raise ValueError(str(faults[0]))
        for at in _parts(document):
            value = document.value[at[0]] if at else document.value
            if isinstance(value, Mapping) and "element" in value:
                cases, found = shape(document, Cases, at)
                yield document, cases, found


def _parts(document: Document) -> list[tuple[int, ...]]:
    if isinstance(document.value, list):
        return [(index,) for index in range(len(document.value))]
    return [()]


def outcomes(
    standardizer: Standardizer, cases: Cases, quick: bool = True
) -> Iterator[tuple[Case, Standardized]]:
    """The cases that came out otherwise than written, with what came out."""
    found = standardize_many(standardizer, [case.given for case in cases.cases], quick)
    yield from ((case, got) for case, got in zip(cases.cases, found, strict=True) if not case.kept(got))


def check_cases(folder: Path, standardizers: Mapping[str, Standardizer]) -> list[Fault]:
    """Every broken case of a pack as a fault of its file."""
    faults: list[Fault] = []
    for document, cases, found in documents(folder):
        faults += found
        if cases is None:
            continue
        standardizer = standardizers.get(cases.element)
        if standardizer is None:
            text = Text(f"数据元 {cases.element} 没有声明", f"the element {cases.element} is not declared")
            faults.append(Fault(document.path, None, text, "unknown-element"))
            continue
        for case, got in outcomes(standardizer, cases):
            wanted = "—" if case.empty else case.fault or case.gives
            came = got.fault.code if got.fault else got.value
            text = OTHERWISE.fill(given=repr(case.given), wanted=wanted, got=came)
            faults.append(Fault(document.path, None, text, "case"))
    return faults
