"""Strict declarations: the shape every YAML file of a pack is held to.

A file is parsed twice over the same text: once into values, once into nodes that know their
lines. The shape (a pydantic model that forbids unknown keys) finds all faults of a file at once;
each is told with file, line and, for an unknown key, the nearest known one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from jingwei.kernel.text import Text


class Declaration(BaseModel):
    """Base of everything a pack may declare."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Words(Declaration):
    """A title in both languages."""

    zh: str
    en: str

    def text(self) -> Text:
        return Text(self.zh, self.en)

    def __str__(self) -> str:
        return str(self.text())


@dataclass(frozen=True)
class Fault:
    """Something wrong with a declaration, and where."""

    path: Path
    line: int | None
    text: Text
    code: str = "declaration"

    def __str__(self) -> str:
        return f"{self.path}:{self.line or 1}: {self.text}"


D = TypeVar("D", bound=BaseModel)


class UniqueKeyLoader(yaml.CSafeLoader):
    """Safe YAML in which a key given twice is an error and dates stay text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands here twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


UniqueKeyLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Document:
    """One YAML file: its values, and the lines of its nodes."""

    path: Path
    value: Any
    node: yaml.Node | None

    def line(self, location: tuple[Any, ...]) -> int | None:
        """Line of the deepest node on the way to `location` (keys and indexes), 1-based."""
        node = self.node
        found = node.start_mark.line + 1 if node else None
        for step in location:
            following: yaml.Node | None = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(step):
                        found, following = key.start_mark.line + 1, value
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                following = node.value[step]
                found = following.start_mark.line + 1
            if following is None:
                return found
            node = following
        return found


def read(path: Path) -> tuple[Document | None, list[Fault]]:
    """Parses a file; faults of reading or of YAML itself come back instead of a document."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        return None, [
            Fault(
                path,
                None,
                Text(f"不是 UTF-8 文本（第 {exc.start} 字节）", f"is not UTF-8 text (byte {exc.start})"),
            )
        ]
    except OSError as exc:
        return None, [Fault(path, None, Text(f"读不了：{exc.strerror}", f"cannot be read: {exc.strerror}"))]
    try:
        loader = UniqueKeyLoader(text)
        node = loader.get_single_node()
        value = loader.construct_document(node) if node else None
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        problem = getattr(exc, "problem", None) or str(exc).splitlines()[0]
        line = mark.line + 1 if mark else None
        return None, [
            Fault(path, line, Text(f"YAML 写法不对：{problem}", f"is not valid YAML: {problem}"), "yaml")
        ]
    return Document(path, value, node), []


def shape(document: Document, model: type[D], at: tuple[Any, ...] = ()) -> tuple[D | None, list[Fault]]:
    """The document (or its part `at`) as a declaration, or everything wrong with its shape."""
    value = document.value
    for step in at:
        value = value[step]
    try:
        return model.model_validate(value), []
    except ValidationError as exc:
        return None, list(_faults(document, model, at, exc))


def _faults(
    document: Document, model: type[BaseModel], at: tuple[Any, ...], exc: ValidationError
) -> Iterator[Fault]:
    for error in exc.errors():
        location = at + tuple(step for step in error["loc"] if not _is_type_name(step))
        line = document.line(location)
        where = ".".join(str(step) for step in location[len(at) :]) or "(file)"
        if error["type"] == "extra_forbidden":
            key = str(location[-1])
            near = nearest(key, _known_keys(model, error["loc"][:-1]))
            hint = Text(f"，是不是 {near}？", f"; did you mean {near}?") if near else Text("", "")
            yield Fault(
                document.path,
                line,
                Text("不认识的键 {where}{hint}", "unknown key {where}{hint}").fill(where=where, hint=hint),
                "unknown-key",
            )
        elif error["type"] == "missing":
            yield Fault(document.path, line, Text(f"缺少 {where}", f"{where} is missing"), "missing-key")
        else:
            said = error["msg"].removeprefix("Value error, ")
            yield Fault(document.path, line, Text(f"{where}：{said}", f"{where}: {said}"), "wrong-value")


def _is_type_name(step: Any) -> bool:
    """Pydantic adds the names of union members and validators to a location; files have no such keys."""
    return isinstance(step, str) and (
        step[:1].isupper() or "[" in step or step in {"str", "int", "float", "bool"}
    )


def _known_keys(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """The keys allowed where an unknown one was found; walks the model's fields by name."""
    current: Any = model
    for step in location:
        if isinstance(step, int):
            continue
        fields = getattr(current, "model_fields", {})
        field = fields.get(step) or next((f for f in fields.values() if f.alias == step), None)
        if field is None:
            continue
        current = _model_in(field.annotation) or current
    return [f.alias or name for name, f in getattr(current, "model_fields", {}).items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found:
            return found
    return None


def nearest(name: str, known: Any) -> str | None:
    """The known name most like `name`, if any is like it at all."""
    close = difflib.get_close_matches(name, [str(k) for k in known], n=1, cutoff=0.6)
    return close[0] if close else None
