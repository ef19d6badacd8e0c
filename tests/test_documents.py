"""Documents that are made from the code are current, and what the code offers is documented."""

from pathlib import Path

import click
import pytest

from jingwei.cli.commands import jingwei
from jingwei.settings.options import OPTIONS, reference

DOCS = Path(__file__).resolve().parents[1] / "docs"


def commands(group: click.Group, name: str = "jingwei") -> list[str]:
    found = []
    for sub, command in group.commands.items():
        full = f"{name} {sub}"
        found += commands(command, full) if isinstance(command, click.Group) else [full]
    return found


def test_the_settings_page_is_made_from_the_settings():
    assert (DOCS / "reference" / "settings.md").read_text(encoding="utf-8") == reference()


def test_every_setting_has_a_name_of_ours_and_a_meaning():
    assert all(option.name.startswith("JINGWEI_") and option.means for option in OPTIONS)


@pytest.mark.parametrize("command", commands(jingwei))
def test_every_command_is_documented_and_takes_home_and_json(command):
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert f"`{command}" in page
    found: click.Command = jingwei
    for part in command.split()[1:]:
        assert isinstance(found, click.Group)
        found = found.commands[part]
    assert {"--home", "--json"} <= {option for p in found.params for option in p.opts}
