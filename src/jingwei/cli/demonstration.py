"""The demo: an invented district through the whole flow, then the server, as one command.

Each stage is skipped when an earlier start finished it, so a second start takes seconds; one that
was interrupted goes on where it stopped, because every stage may be repeated.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings

from jingwei.audit import resident
from jingwei.cli import collecting, registering, relating, sampling
from jingwei.cli.frame import Output
from jingwei.collection import service as collection
from jingwei.collection.models import Run
from jingwei.kernel.errors import EXIT_DONE, EXIT_FAILED, BadInput
from jingwei.kernel.home import home
from jingwei.kernel.models import Account, Organization
from jingwei.kernel.text import Text
from jingwei.packs import service as packs
from jingwei.registers import service as registers
from jingwei.registers.models import Entity
from jingwei.registers.relations import service as relations
from jingwei.sample import make

PACK = "district"
PEOPLE = (
    ("clerk", "许可心", Text("综合窗口", "Window clerk"), "clerk", "松涛街道便民服务中心"),
    ("steward", "程既白", Text("数据管理员", "Data steward"), "steward", "区数据局"),
    ("officer", "池映川", Text("部门经办", "Department officer"), "officer", "区人社局"),
    ("leader", "闻弦歌", Text("分管领导", "Leader"), "leader", "区政府办公室"),
    ("admin", "陶知远", Text("系统管理员", "Administrator"), "administrator", "区数据局"),
    ("security", "简守一", Text("安全管理员", "Security administrator"), "security", "区网信办"),
    ("auditor", "沈听澜", Text("安全审计员", "Auditor"), "auditor", "区审计局"),
    ("resident", "", Text("居民", "Resident"), "resident", ""),
)


class NotADemo(BadInput):
    code = "not-a-demo"
    what = Text("{home} 是一个正式节点，不是演示。", "{home} is a node in use, not a demo.")
    do = Text(
        "演示请换一个文件夹：JINGWEI_HOME=... 或 --home。",
        "Give the demo a folder of its own: JINGWEI_HOME=... or --home.",
    )


class OtherDemo(BadInput):
    code = "other-demo"
    what = Text(
        "{home} 里已有 {residents} 位居民的演示区。", "{home} holds a demo of {residents} residents already."
    )
    do = Text(
        "先 make clean-demo，或换一个 JINGWEI_HOME。",
        "Run make clean-demo first, or choose another JINGWEI_HOME.",
    )


def _state_file() -> Path:
    return home() / "demo.json"


def _state() -> dict[str, Any]:
    path = _state_file()
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _save(state: dict[str, Any]) -> None:
    path = _state_file()
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)


def prepare(out: Output, residents: int, seed: int) -> None:
    """Sample, pack, collections, registers, sign-ins; whatever is done already is passed over."""
    state = _state()
    if not state and (Account.objects.exists() or Run.objects.exists()):
        raise NotADemo(home=home())
    wanted = {"residents": residents, "seed": seed}
    if state and state["wanted"] != wanted:
        raise OtherDemo(home=home(), residents=f"{state['wanted']['residents']:,}")
    if state.get("ready"):
        return
    begun = time.monotonic()
    state = {"wanted": wanted, "accounts": state.get("accounts") or _passwords()}
    _save(state)
    _say(out, Text("1/5 造一个示例区", "1/5 inventing a sample district"))
    sampling.tell(out, make(Path(settings.SOURCES), residents, seed))
    _say(out, Text("2/5 安装应用包", "2/5 installing the pack"))
    packs.install(packs.shipped() / PACK)
    _say(out, Text("3/5 采集各部门的表", "3/5 collecting the departments' tables"))
    for resource in collection.in_order():
        if not Run.objects.filter(resource=resource, state=Run.DONE).exists():
            run = collection.collect(resource, started_by="demo")
            out.say(f"  {run.seconds or 0:5.1f} s  {resource}  {collecting.balance_lines(run)[0]}")
    _say(out, Text("4/5 建基础库", "4/5 linking the registers"))
    for register in packs.installed().section("registers"):
        registering.tell(out, registers.link(register, out.progress))
    relating.tell(out, relations.build(out.progress))
    _say(out, Text("5/5 准备账号", "5/5 making sign-ins"))
    _accounts(state["accounts"])
    _save({**state, "ready": True, "seconds": round(time.monotonic() - begun, 1)})
    out.say(Text("用时 {s} 秒", "took {s} s").fill(s=f"{time.monotonic() - begun:.1f}"))


def _say(out: Output, text: Text) -> None:
    out.progress(text)


def _passwords() -> list[dict[str, str]]:
    """One password for each home: whoever copies the demo's address does not know it."""
    return [
        {
            "username": username,
            "password": f"jw-{secrets.token_hex(4)}",
            "name": name,
            "post": post.zh,
            "post_en": post.en,
        }
        for username, name, post, _, _ in PEOPLE
    ]


def _accounts(passwords: list[dict[str, str]]) -> None:
    known = {one["username"]: one["password"] for one in passwords}
    for username, name, post, role, place in PEOPLE:
        if Account.objects.filter(username=username).exists():
            continue
        facts = {
            "name": name,
            "post": post.zh,
            "roles": [role],
            "organization": _organization(username, place),
        }
        account = Account.objects.create_user(username, known[username], **facts)
        if role == "resident":
            _become_somebody(account)


def _organization(username: str, place: str) -> Organization | None:
    if not place:
        return None
    level = "street" if "街道" in place else "district"
    defaults = {"code": f"demo-{username}", "level": level}
    return Organization.objects.get_or_create(name_zh=place, defaults=defaults)[0]


def _become_somebody(account: Account) -> None:
    """Ties the resident's sign-in to the first person of the register, invented like all others."""
    first = Entity.objects.filter(register="population").order_by("entity_id").first()
    if first is None:
        return
    resident.bind("demo", account, "population", first.entity_id)
    held = registers.golden("population", first.entity_id).fields.get("name")
    account.name = str(held.value) if held else ""
    account.save(update_fields=["name"])


def serve(out: Output, host: str, port: int) -> int:
    """The server and the worker as children; whichever way this ends, both end with it."""
    # Started in the background of a script, a process inherits that interrupts are ignored.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    children = [
        _child("serve", "--host", host, "--port", str(port)),
        _child("worker"),
    ]
    try:
        _until_answering(children, host, port)
        _announce(out, host, port)
        while all(child.poll() is None for child in children):
            time.sleep(0.3)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_DONE
    finally:
        _stop(children)


def _until_answering(children: list[subprocess.Popen[bytes]], host: str, port: int) -> None:
    """Waits until the server listens, so that the address printed is one that opens."""
    while all(child.poll() is None for child in children):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((host if host != "0.0.0.0" else "127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _child(*arguments: str) -> subprocess.Popen[bytes]:
    """A `jingwei` of this home in a process group of its own."""
    log = (home() / "logs" / f"{arguments[0]}.log").open("ab")
    command = [sys.executable, "-m", "jingwei", *arguments, "--home", str(home())]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, env=environment)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Asks each child to end, then makes it; a second Ctrl-C meanwhile must not leave one behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for child in children:
        # The child tells its own workers; told by two at once they may hang.
        child.send_signal(signal.SIGINT)
    for child in children:
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _announce(out: Output, host: str, port: int) -> None:
    address = f"http://{host}:{port}/"
    accounts = _state()["accounts"]
    out.say("")
    out.say(Text("打开 {address}", "Open {address}").fill(address=address))
    out.table(
        Text("可用的账号", "Sign-ins"),
        [Text("账号", "name"), Text("密码", "password"), Text("岗位", "post")],
        [[a["username"], a["password"], Text(f"{a['name']} {a['post']}", a["post_en"])] for a in accounts],
    )
    out.say(Text("按 Ctrl-C 停止。", "Ctrl-C stops everything."))
    out.result({"address": address, "accounts": accounts})
    sys.stdout.flush()
