"""The demo as a command: it is made once, and a second look changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from jingwei.settings import secret


def jingwei(home: Path, *arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "jingwei", *arguments, "--home", str(home), "--json"],
        env={**os.environ, "JINGWEI_HOME": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}


def test_entities_keep_their_numbers_in_every_later_process(tmp_path: Path):
    home = tmp_path / "demo"
    jingwei(home, "demo", "--no-serve", "--residents", "300")
    first = jingwei(home, "lookup", "population", "沈云禾")["answers"]
    report = jingwei(home, "link", "population")
    assert (report["new"], report["changed"], report["removed"]) == (0, 0, 0)
    assert report["unchanged"] >= 300
    assert jingwei(home, "lookup", "population", "沈云禾")["answers"] == first
    again = jingwei(home, "collect", "police.resident")
    assert (again["new"], again["changed"]) == (0, 0)


def test_the_first_of_two_keys_stays(tmp_path: Path):
    assert secret.keep(tmp_path, "one") == "one"
    assert secret.keep(tmp_path, "two") == "one"
    assert secret.read_or_make(tmp_path) == "one"
    assert (tmp_path / secret.FILE).stat().st_mode & 0o777 == 0o600


def test_an_empty_key_file_is_no_key(tmp_path: Path):
    (tmp_path / secret.FILE).write_text("")
    assert secret.keep(tmp_path, "one") == "one"
