import os
import signal
import subprocess
import sys

import pytest

from jingwei.kernel.errors import Busy
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text

WHAT = Text("资源", "the resource")
HOLD = """
import sys, time
from filelock import FileLock
lock = FileLock(sys.argv[1]); lock.acquire(); print("held", flush=True); time.sleep(60)
"""


def test_a_second_holder_is_told_who_holds_the_lock(home):
    with exclusive("one", WHAT), pytest.raises(Busy) as told, exclusive("one", WHAT):
        pass
    assert f"pid {os.getpid()}" in str(told.value.what)
    assert told.value.retry_helps


def test_a_killed_holder_leaves_no_lock_behind(home):
    path = home / "locks" / "two.lock"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(Busy), exclusive("two", WHAT):
        pass
    other.send_signal(signal.SIGKILL)
    other.wait()
    with exclusive("two", WHAT):
        assert True
