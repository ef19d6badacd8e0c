"""Search as typed over HTTP: 16 clerks at once, each a session of its own, letter by letter."""

from __future__ import annotations

import http.cookiejar
import json
import os
import random
import re
import threading
import time
import urllib.parse
import urllib.request

from benchmarks.node import district, served
from benchmarks.report import Report

CLERKS, SECONDS = 16, 12
RESIDENTS = int(os.environ.get("RESIDENTS", "70000"))
NAMES = ("王伟", "李静", "张秀英", "刘洋", "沈云", "wangw", "lij", "zxy", "990101", "1990000", "陈", "欧阳")


def clerk(address: str, password: str) -> urllib.request.OpenerDirector:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(address + "/sign-in/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = urllib.parse.urlencode(
        {"username": "clerk", "password": password, "csrfmiddlewaretoken": token[1]}
    )
    request = urllib.request.Request(address + "/sign-in/", form.encode(), {"Referer": address + "/sign-in/"})
    page = opener.open(request).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, "signing in failed"
    opener.addheaders += [("X-CSRFToken", token[1]), ("Referer", address + "/window/")]
    return opener


def typing(openers: list[urllib.request.OpenerDirector], address: str, pause: float) -> list[float]:
    times: list[float] = []
    lock = threading.Lock()
    end = time.monotonic() + SECONDS

    def type_on(opener: urllib.request.OpenerDirector, seed: int) -> None:
        rng = random.Random(seed)
        while time.monotonic() < end:
            name = rng.choice(NAMES)
            for length in range(1, len(name) + 1):
                query = urllib.parse.urlencode({"q": name[:length]})
                begun = time.perf_counter()
                with opener.open(f"{address}/window/search/", query.encode()) as answer:
                    assert answer.status == 200
                    answer.read()
                with lock:
                    times.append((time.perf_counter() - begun) * 1000)
                time.sleep(pause * rng.uniform(0.5, 1.5))

    threads = [threading.Thread(target=type_on, args=(opener, n)) for n, opener in enumerate(openers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(times)


def main() -> Report:
    report = Report("typing")
    home = district(RESIDENTS)
    accounts = json.loads((home / "demo.json").read_text())["accounts"]
    password = next(a["password"] for a in accounts if a["username"] == "clerk")
    with served(home, 8917) as address:
        openers = [clerk(address, password) for _ in range(CLERKS)]
        for label, pause in (("a letter every 0.3 s", 0.3), ("without a pause", 0.0)):
            times = typing(openers, address, pause)
            p95 = times[int(len(times) * 0.95)]
            report.add(
                f"{CLERKS} clerks, {label}, {RESIDENTS:,} residents",
                f"p50 {times[len(times) // 2]:.0f} ms, p95 {p95:.0f} ms",
                "p95 150 ms", p95 <= 150, f"{len(times) / SECONDS:.0f} searches a second; the load comes from the same machine",
            )  # fmt: skip
    return report
