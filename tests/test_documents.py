"""Documents that are made from the code are current, what the code offers is documented, links lead somewhere."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import click
import pytest
from pydantic import BaseModel

from jingwei.catalog import contract_files, contract_properties
from jingwei.catalog.cases import Case
from jingwei.catalog.codes import Code, CodeList
from jingwei.catalog.elements import Check, Element
from jingwei.cli.commands import jingwei
from jingwei.collection.connectors import connectors
from jingwei.kernel.permissions import ACTIONS, ROLES
from jingwei.packs.loader import Manifest
from jingwei.registers import declaration as registers
from jingwei.settings.options import OPTIONS, reference
from jingwei.window import items

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LEDGER_ACTION = re.compile(r"ledger\.record\(\s*[^,]+,\s*\"([a-z.]+)\"", re.DOTALL)


def page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def links(document: Path) -> list[str]:
    """Relative links outside of code blocks, without their anchors."""
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    found = (link.partition("#")[0] for link in LINK.findall(text))
    return [link for link in found if link and "://" not in link]


def commands(group: click.Group, name: str = "jingwei") -> list[str]:
    found = []
    context = click.Context(group)
    for sub in group.list_commands(context):
        command = group.get_command(context, sub)
        full = f"{name} {sub}"
        found += commands(command, full) if isinstance(command, click.Group) else [full]
    return found


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_pages", ROOT / "tools" / "reference_pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_settings_page_is_made_from_the_settings():
    assert page("settings.md") == reference()


def test_pages_made_from_the_code_are_current():
    stale = [name for name, text in tool().pages().items() if page(name) != text]
    assert stale == [], "run: python tools/reference_pages.py"


def test_every_setting_has_a_name_of_ours_and_a_meaning():
    assert all(option.name.startswith("JINGWEI_") and option.means for option in OPTIONS)


@pytest.mark.parametrize("command", commands(jingwei))
def test_every_command_is_documented_and_takes_home_and_json(command):
    assert f"`{command}" in page("command-line.md")
    found: click.Command = jingwei
    for part in command.split()[1:]:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), part)
    assert {"--home", "--json"} <= {option for p in found.params for option in p.opts}


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(document: Path):
    missing = [link for link in links(document) if not (document.parent / link).exists()]
    assert missing == []


def test_every_page_can_be_reached_from_the_index():
    reached, ahead = set(), [DOCS / "index.md"]
    while ahead:
        document = ahead.pop()
        if document in reached:
            continue
        reached.add(document)
        found = ((document.parent / link).resolve() for link in links(document) if link.endswith(".md"))
        ahead += [path for path in found if path.is_relative_to(DOCS)]
    assert sorted(str(path.relative_to(DOCS)) for path in {*DOCS.rglob("*.md")} - reached) == []


def test_every_file_the_architecture_names_is_there():
    text = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_/]+/[a-z_/0-9]+\.(?:py|js|html))`", text))
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / "src" / "jingwei" / name).is_file()) == []


DECLARED: list[tuple[str, type[BaseModel]]] = [
    ("packs.md", Manifest),
    ("elements-declaration.md", Element),
    ("elements-declaration.md", Check),
    ("elements-declaration.md", Case),
    ("code-lists.md", CodeList),
    ("code-lists.md", Code),
    ("registers.md", registers.Register),
    ("registers.md", registers.RegisterField),
    ("registers.md", registers.RegisterSource),
    ("registers.md", registers.StrongIdentifier),
    ("registers.md", registers.Comparison),
    ("registers.md", registers.Matching),
    ("registers.md", registers.Search),
    ("registers.md", registers.Card),
    ("registers.md", registers.Fact),
    ("items.md", items.Item),
    ("items.md", items.ItemField),
    ("items.md", items.Promise),
]


@pytest.mark.parametrize(("name", "model"), DECLARED, ids=lambda value: getattr(value, "__name__", value))
def test_every_key_of_a_declaration_is_on_its_page(name: str, model: type[BaseModel]):
    text = page(name)
    keys = [field.alias or key for key, field in model.model_fields.items()]
    assert [key for key in keys if not re.search(rf"\b{key}\b", text)] == []


def test_every_property_of_a_contract_is_on_its_page():
    shapes = (
        contract_properties.ContractProperties,
        contract_properties.FieldProperties,
        contract_properties.ServerProperties,
    )
    known = [field.alias or name for shape in shapes for name, field in shape.model_fields.items()]
    known += contract_files.LOGICAL_TYPES
    assert [name for name in known if f"`{name}`" not in page("contracts.md")] == []


def test_every_format_is_on_the_page_of_connectors():
    formats = [name for connector in connectors() for name in connector.formats]
    assert [name for name in formats if f"`{name}`" not in page("connectors.md")] == []


def test_every_action_of_the_ledger_and_every_role_is_on_its_page():
    sources = (p for p in (ROOT / "src" / "jingwei").rglob("*.py") if "tests" not in p.parts)
    recorded = {a for path in sources for a in LEDGER_ACTION.findall(path.read_text(encoding="utf-8"))}
    assert recorded, "the pattern finds no call of ledger.record"
    wanted = recorded | (set(ACTIONS) - {"window.serve"}) | set(ROLES)
    assert sorted(name for name in wanted if f"`{name}`" not in page("ledger.md")) == []
