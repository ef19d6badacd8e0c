"""The files under deploy/ are what systemd and compose accept, and name settings and commands that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from jingwei.cli.commands import PARTS
from jingwei.settings.options import OPTIONS

DEPLOY = Path(__file__).parents[4] / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*"))
COMMANDS = {name for names in PARTS.values() for name in names}


def test_units_are_those_systemd_accepts(tmp_path: Path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian: apt install systemd)")
    for unit in UNITS:
        text = unit.read_text().replace("/opt/jingwei/.venv/bin/jingwei", shutil.which("true") or "/bin/true")
        (tmp_path / unit.name).write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    about_ours = [line for line in told.stderr.splitlines() if "jingwei" in line]
    assert told.returncode == 0 and about_ours == [], told.stderr


def test_units_are_hardened_and_call_commands_there_are():
    services = [unit.read_text() for unit in UNITS if unit.suffix == ".service"]
    assert len(services) == 3
    for text in services:
        for line in ("ProtectSystem=strict", "NoNewPrivileges=true", "UMask=0077", "User=jingwei"):
            assert line in text.splitlines()
        called = re.findall(r"bin/jingwei (\w+)", text)
        assert called and set(called) <= COMMANDS


def test_the_example_names_settings_there_are():
    names = re.findall(r"^#?(JINGWEI_\w+)=", (DEPLOY / "jingwei.env.example").read_text(), re.MULTILINE)
    assert set(names) - {"JINGWEI_SECRET_POLICE"} <= {option.name for option in OPTIONS}


def test_compose_builds_nothing_and_listens_on_this_machine_alone():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for service in services.values():
        assert "build" not in service
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
