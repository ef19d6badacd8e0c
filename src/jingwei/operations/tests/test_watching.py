"""Health, metrics and the log: what they tell, to whom, and what they never tell."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from jingwei.engines import lake
from jingwei.kernel.logs import HomeLog, Lines, bound, masked
from jingwei.operations import metrics
from jingwei.testing.servers import _free_port

PAGES = ("operations:live", "operations:ready", "operations:metrics")


@pytest.fixture
def node(home, db):
    lake().prepare()
    return home


@pytest.fixture
def near() -> Client:
    """A reader on this machine."""
    return Client(HTTP_HOST="127.0.0.1")


def test_a_whole_node_is_ready_and_says_that_no_worker_runs(near, node):
    told = near.get(reverse("operations:ready"))
    assert told.status_code == 200 and told.json()["ready"]
    assert "worker" in told.json()["warnings"] and told.json()["checks"]["lake"]["ok"]


def test_a_node_without_room_or_with_a_lost_lake_is_not_ready(near, node, monkeypatch):
    monkeypatch.setenv("JINGWEI_LEAST_DISK", str(10**9))
    (node / "files").rename(node / "elsewhere")
    told = near.get(reverse("operations:ready"))
    assert told.status_code == 503
    assert {name for name, one in told.json()["checks"].items() if not one["ok"]} >= {"disk", "files"}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "given",
    [
        {"REMOTE_ADDR": "10.1.2.3"},
        {"HTTP_HOST": "jingwei.district.example"},
        {"HTTP_HOST": "localhost", "HTTP_X_FORWARDED_FOR": "10.1.2.3"},
        {"HTTP_HOST": "localhost", "HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_nobody_else_reads_health_and_metrics(client, db, settings, page, given):
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.get(reverse(page), **given)
    assert (answer.status_code, answer.content) == (403, b"forbidden\n")


def test_with_a_token_only_the_token_counts(client, near, db, monkeypatch):
    monkeypatch.setenv("JINGWEI_METRICS_TOKEN", "of-the-watchers")
    live = reverse("operations:live")
    assert near.get(live).status_code == 403
    assert client.get(live, HTTP_AUTHORIZATION="Bearer wrong").status_code == 403
    far = {"REMOTE_ADDR": "10.1.2.3", "HTTP_AUTHORIZATION": "Bearer of-the-watchers"}
    assert client.get(live, **far).status_code == 200


def test_metrics_name_views_and_states_and_nobody(client, node, account):
    client.force_login(account("clerk"))
    client.get("/registers/population/Pabcdefghijklmnop/")
    client.get("/nowhere/990102198604081223/")
    text = metrics.text().decode()
    assert 'jingwei_requests_total{method="GET",status="404",view="(none)"}' in text
    assert 'jingwei_runs{state="running"} 0.0' in text and "jingwei_disk_free_bytes" in text
    assert not re.search(r"Pabcdef|990102|clerk|许可心", text)


def test_every_line_of_the_log_is_json_and_names_no_person(client, node, account, settings):
    handler = HomeLog(node)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        client.force_login(account("clerk"))
        client.post("/window/search/", {"q": "沈云禾"})
        client.get("/registers/population/Pabcdefghijklmnop/", headers={"x-request-id": "abcdefgh-12"})
        client.get("/nowhere/990102198604081223/")
        with bound(request="r-1"):
            logging.getLogger("jingwei.trial").warning(
                "%s, %s, %s 没有读成", "沈云禾", "990102198604081223", "19900010001"
            )
        try:
            raise ValueError("bad value: 陆小满 92990102MA0001X31K")
        except ValueError:
            logging.getLogger("jingwei.trial").exception("fault %s", "ab12")
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()
    text = (node / "logs" / "jingwei.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    for known in (
        "沈云禾",
        "陆小满",
        "990102198604081223",
        "19900010001",
        "92990102MA0001X31K",
        "Pabcdef",
        "clerk",
    ):
        assert known not in text
    answered = [line for line in lines if line["event"] == "answered"]
    assert {"window:search", "registers:record", "(none)"} <= {line["view"] for line in answered}
    assert len({line["account"] for line in answered if line["account"]}) == 1
    assert any(line["request"] == "abcdefgh-12" for line in answered)
    assert any("ValueError" in line.get("exception", "") for line in lines)


def test_what_identifies_nobody_is_left_as_it_is():
    for text in (
        "R-20261122-0001 police.resident done 0.9 s",
        "2026-11-22T06:22:28",
        "read 1234567 rows in 18 files",
    ):
        assert masked(text) == text


def test_two_server_processes_count_together(tmp_path: Path):
    home, port = tmp_path / "home", _free_port()
    environment = {**os.environ, "JINGWEI_HOME": str(home)}
    run = [sys.executable, "-m", "jingwei"]
    subprocess.run([*run, "init"], env=environment, check=True, capture_output=True)
    server = subprocess.Popen(
        [*run, "serve", "--port", str(port), "--workers", "2"], env=environment, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/health/live", timeout=5).read()
                break
            except OSError:
                time.sleep(0.1)
        for _ in range(30):
            urllib.request.urlopen(f"{address}/health/live", timeout=5).read()
        told = [urllib.request.urlopen(f"{address}/metrics", timeout=5).read().decode() for _ in range(4)]
    finally:
        server.terminate()
        server.wait(20)
    counted = [
        re.search(r'jingwei_requests_total\{.*status="200",view="operations:live"\} (\d+)', one)
        for one in told
    ]
    assert {float(found[1]) for found in counted if found} == {31.0}
