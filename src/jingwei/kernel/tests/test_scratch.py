"""Scratch folders: one for each user, gone with it, swept when its process was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from jingwei.kernel.scratch import Scratch

MAKE = """
import os, pathlib, sys
from jingwei.kernel.scratch import Scratch
made = Scratch(pathlib.Path(sys.argv[1]))
(made.path / "spill").write_text("x")
print(made.path, flush=True)
sys.stdin.readline()
"""


def folders(base):
    return sorted(path for path in base.iterdir() if path.is_dir())


def another(base):
    process = subprocess.Popen(
        [sys.executable, "-c", MAKE, str(base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_each_has_its_own_folder_until_it_is_done(tmp_path):
    one, two = Scratch(tmp_path), Scratch(tmp_path)
    assert folders(tmp_path) == sorted([one.path, two.path])
    one.remove()
    assert folders(tmp_path) == [two.path]
    del two
    assert folders(tmp_path) == []


def test_a_living_process_keeps_its_folder_and_a_killed_one_is_swept(tmp_path):
    process, made = another(tmp_path)
    Scratch(tmp_path).remove()
    assert [str(path) for path in folders(tmp_path)] == [made]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert [str(path) for path in folders(tmp_path)] == [made]
    Scratch(tmp_path).remove()
    assert folders(tmp_path) == []


def test_a_process_that_ends_takes_its_folder_along(tmp_path):
    process, _ = another(tmp_path)
    process.communicate("\n")
    assert folders(tmp_path) == []
