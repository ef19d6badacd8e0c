"""Sets with known truth as declarations: each becomes a pack in the benchmark's scratch, collected and linked like any other.

    Declared (tables, register) ──▶ pack of YAML ──▶ collect ──▶ link ──▶ evaluate against the truth in the record's key

Nothing in a declaration is a value of a file; what a set needs is asked of comparers and the model.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.node import SCRATCH, SHARED, as_json, run
from benchmarks.real import collected, prepared, truth

PACKS = Path(__file__).resolve().parents[1] / "packs"
Field = tuple[str, str, str]
"""Name, header in the file, element."""


@dataclass(frozen=True)
class Table:
    """A CSV file; `key` are the fields that together name a row."""

    resource: str
    path: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    def contract(self) -> dict[str, Any]:
        properties = []
        for name, header, element in self.fields:
            described: dict[str, Any] = {"name": name, "physicalName": header, "logicalType": "string"}
            words = {"property": "title", "value": {"zh": name, "en": name}}
            if name in self.key:
                described |= {
                    "required": True,
                    "primaryKey": True,
                    "primaryKeyPosition": self.key.index(name) + 1,
                }
            kept = [{"property": "element", "value": element}, words]
            if name not in self.key:
                kept.append({"property": "onFault", "value": "void"})
            properties.append({**described, "customProperties": kept})
            if element == "date":
                properties[-1]["logicalType"] = "date"
        return {
            "apiVersion": "v3.1.0", "kind": "DataContract", "id": self.resource, "name": self.resource,
            "version": "1.0.0", "status": "active",
            "servers": [{"server": "source", "type": "local", "path": self.path, "format": "csv"}],
            "schema": [{"name": self.resource.split(".")[1], "properties": properties}],
            "customProperties": [
                {"property": "organization", "value": self.resource.split(".")[0]},
                {"property": "refresh", "value": "upsert"},
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """One set. `identity` tells the true entity from a record's key."""

    name: str
    tables: tuple[Table, ...]
    matching: dict[str, Any]
    identity: Callable[[str], str]
    distinct: bool = False

    def register(self) -> dict[str, Any]:
        used: dict[str, str] = {}
        for table in self.tables:
            used |= {name: element for name, _, element in table.fields if name not in table.key}
        words = {"zh": self.name, "en": self.name}
        return {
            "register": self.name, "title": words, "entity": words, "prefix": "B", "survivorship": ["newest"],
            "fields": [{"name": name, "element": element, "title": {"zh": name, "en": name}} for name, element in used.items()],
            "sources": [
                {"resource": table.resource, "distinct": self.distinct,
                 "map": {name: name for name, _, _ in table.fields if name not in table.key}}
                for table in self.tables
            ],
            "matching": self.matching, "card": {"name": next(iter(used))},
        }  # fmt: skip

    def pack(self) -> Path:
        """YAML reads JSON, so the declarations are written as that."""
        place = SCRATCH / "packs" / self.name
        for folder in ("contracts", "registers"):
            (place / folder).mkdir(parents=True, exist_ok=True)
        words = {"zh": self.name, "en": self.name}
        head = {"pack": self.name, "version": "1.0.0", "title": words, "requires": ["standards"]}
        files = {"pack.yaml": head, f"registers/{self.name}.yaml": self.register()}
        files |= {f"contracts/{table.resource}.yaml": table.contract() for table in self.tables}
        for path, content in files.items():
            (place / path).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        return place

    def present(self) -> bool:
        return all((SHARED / table.path).is_file() for table in self.tables)

    def measure(self, examples: int = 0) -> dict[str, Any]:
        """Collects, links and evaluates in a fresh home."""
        home = prepared(self.name, str(self.pack()))
        resources = tuple(table.resource for table in self.tables)
        collected(home, resources)
        run(home, "link", self.name)
        answer = truth(home, resources, self.identity)
        return as_json(
            home, "register", "evaluate", self.name, "--truth", str(answer), "--examples", str(examples)
        )


def febrl(path: str) -> Declared:
    """The pack packs/febrl over another of the FEBRL files."""
    known = yaml.safe_load((PACKS / "febrl/registers/febrl.yaml").read_text(encoding="utf-8"))
    fields = (
        ("rec_id", "rec_id", "plain_text"),
        *((f["name"], f["name"], f["element"]) for f in known["fields"]),
    )
    table = Table("febrl.person", path, ("rec_id",), fields)
    return Declared("febrl_other", (table,), known["matching"], lambda key: key.split("-")[1])


def chicago() -> Declared:
    """Sites as nine agencies list them. Only what all agencies know of a site is compared."""
    fields = (
        ("true_id", "True Id", "plain_text"), ("id", "Id", "plain_text"), ("name", "Site name", "organization_name"),
        ("address", "Address", "address"), ("zip", "Zip", "plain_text"), ("phone", "Phone", "plain_text"),
    )  # fmt: skip
    matching = {
        # A site is a place: records at different doors are compared only where name and phone agree, or phone and number.
        "blocking": [
            ["address.building"],
            ["address.numbers", "zip"],
            ["address.numbers", "phone"],
            ["name.full", "phone"],
        ],
        "comparisons": [
            {"field": "name", "as": "organization_name"},
            {"field": "address", "as": "address"},
            {"field": "zip", "as": "exact"},
            {"field": "phone", "as": "phone"},
        ],
        "precision": 0.95,
    }
    path = "matching/chicago_early_childhood_sites.csv"
    return Declared(
        "chicago", (Table("chicago.site", path, ("true_id", "id"), fields),), matching, first_of_key
    )


def first_of_key(key: str) -> str:
    return key.split("|", maxsplit=1)[0]


def fake_1000() -> Declared:
    fields = (
        ("unique_id", "unique_id", "plain_text"), ("cluster", "cluster", "plain_text"), ("first_name", "first_name", "plain_text"),
        ("surname", "surname", "plain_text"), ("dob", "dob", "date"), ("city", "city", "plain_text"), ("email", "email", "plain_text"),
    )  # fmt: skip
    matching = {
        "blocking": [["email"], ["first_name", "surname"], ["dob"], ["surname", "city"], ["first_name", "city"], ["first_name.head", "surname.head"]],
        "comparisons": [
            {"field": "first_name", "as": "text", "also": "surname"},
            {"field": "surname", "as": "text", "also": "first_name"},
            {"field": "dob", "as": "date"},
            {"field": "city", "as": "text"},
            {"field": "email", "as": "text"},
        ],
        "precision": 0.95,
    }  # fmt: skip
    path = "matching/splink_fake_1000.csv"
    return Declared(
        "fake_1000", (Table("fake.person", path, ("cluster", "unique_id"), fields),), matching, first_of_key
    )


def abt_buy() -> Declared:
    """Products of two shops. The files number a product alike in both: that number is the truth."""
    fields = (
        ("unique_id", "unique_id", "plain_text"), ("title_key", "title", "plain_text"), ("title", "title", "plain_text"),
        ("description", "description", "plain_text"), ("price", "price", "plain_text"),
    )  # fmt: skip
    matching = {
        "blocking": [
            ["title.model"],
            ["title.second_model"],
            ["title.head"],
            ["description.model"],
            ["description.second_model"],
            ["title.value"],
        ],
        "comparisons": [
            {"field": "title", "as": "title"},
            {"field": "description", "as": "title"},
            {"field": "price", "as": "exact"},
        ],
        "precision": 0.95,
    }
    return Declared(
        "abt_buy",
        tuple(Table(f"shop.{shop.lower()}", f"matching/AbtBuy_{shop}.csv", ("unique_id", "title_key"), fields) for shop in ("Abt", "Buy")),
        matching,
        first_of_key,
        distinct=True,
    )  # fmt: skip
