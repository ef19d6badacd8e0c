"""Reads packs from folders: shapes first, then meanings, all faults together.

folder ──pack.yaml──▶ Manifest ──sections──▶ Declared by section and identifier ──check──▶ Catalogue
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jingwei.kernel.text import Text
from jingwei.packs.declarations import Declaration, Document, Fault, Words, nearest, read, shape
from jingwei.packs.sections import Declared, Section, sections

TESTS = "tests"
QUERIES = "sql"


class Manifest(Declaration):
    """`pack.yaml`."""

    pack: str
    version: str
    title: Words
    description: Words | None = None
    requires: tuple[str, ...] = ()


@dataclass
class Pack:
    folder: Path
    manifest: Manifest
    declared: dict[str, dict[str, Declared]] = field(default_factory=dict)


def read_pack(folder: Path) -> tuple[Pack | None, list[Fault]]:
    """The shapes of one pack. Without a readable `pack.yaml` there is no pack."""
    manifest_path = folder / "pack.yaml"
    if not manifest_path.is_file():
        return None, [
            Fault(
                manifest_path,
                None,
                Text("这个文件夹里没有 pack.yaml，不是应用包", "is missing: this folder is no pack"),
                "no-pack",
            )
        ]
    document, faults = read(manifest_path)
    if document is None:
        return None, faults
    manifest, faults = shape(document, Manifest)
    if manifest is None:
        return None, faults
    pack = Pack(folder, manifest)
    known = sections()
    for entry in sorted(folder.iterdir()):
        if not entry.is_dir() or entry.name.startswith(".") or entry.name in (TESTS, QUERIES):
            continue
        section = known.get(entry.name)
        if section is None:
            near = nearest(entry.name, known)
            hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
            text = Text("不认识的文件夹 {name}{hint}", "unknown folder {name}{hint}").fill(
                name=entry.name, hint=hint
            )
            faults.append(Fault(entry, None, text, "unknown-section"))
            continue
        pack.declared[section.name], found = _read_section(entry, section, manifest.pack)
        faults += found
    return pack, faults


def _read_section(folder: Path, section: Section, pack: str) -> tuple[dict[str, Declared], list[Fault]]:
    declared: dict[str, Declared] = {}
    faults: list[Fault] = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".yml")):
        document, found = read(path)
        faults += found
        if document is None:
            continue
        for at in _parts(document):
            value, found = section.read(document, at) if section.read else shape(document, section.model, at)
            faults += found
            if value is None:
                continue
            one = Declared(value, path, pack, _liner(document, at))
            name = str(getattr(value, section.identifier))
            if name in declared:
                text = Text(
                    f"{name} 已在 {declared[name].path.name} 里声明过",
                    f"{name} is declared in {declared[name].path.name} already",
                )
                faults.append(one.fault((), text, "declared-twice"))
            else:
                declared[name] = one
    return declared, faults


def _parts(document: Document) -> Iterator[tuple[Any, ...]]:
    if isinstance(document.value, list):
        yield from ((index,) for index in range(len(document.value)))
    else:
        yield ()


def _liner(document: Document, at: tuple[Any, ...]) -> Any:
    return lambda location: document.line(at + tuple(location))


def together(packs: Iterable[Pack]) -> tuple[dict[str, dict[str, Declared]], list[Fault]]:
    """All declarations of several packs, and the faults that only show between them."""
    packs = list(packs)
    faults: list[Fault] = []
    everything: dict[str, dict[str, Declared]] = {name: {} for name in sections()}
    present = {pack.manifest.pack for pack in packs}
    for pack in packs:
        for wanted in pack.manifest.requires:
            if wanted not in present:
                faults.append(
                    Fault(
                        pack.folder / "pack.yaml",
                        None,
                        Text(
                            f"需要应用包 {wanted}，但没有安装",
                            f"requires the pack {wanted}, which is not installed",
                        ),
                        "missing-pack",
                    )
                )
        for section, declared in pack.declared.items():
            for name, one in declared.items():
                other = everything[section].get(name)
                if other is None:
                    everything[section][name] = one
                    continue
                text = Text(
                    f"{name} 已由应用包 {other.pack} 声明",
                    f"{name} is declared by the pack {other.pack} already",
                )
                faults.append(one.fault((), text, "declared-twice"))
    for name, known in sections().items():
        if known.check:
            faults += known.check(everything[name], everything)
    return everything, faults


def values(declared: Mapping[str, Declared]) -> dict[str, Any]:
    return {name: one.value for name, one in declared.items()}
