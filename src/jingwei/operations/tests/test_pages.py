"""The page Operations: who may see it, and what it says of a node in trouble."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jingwei.engines import lake
from jingwei.kernel.models import LedgerEntry
from jingwei.operations.backup.manifest import MANIFEST, SEAL

PAGE = "operations:start"


@pytest.fixture
def administrator(client, account, home):
    lake().prepare()
    client.force_login(account("administrator"))
    return client


def test_the_administrator_sees_health_jobs_disk_backups_and_versions(administrator):
    page = administrator.get(reverse(PAGE)).content.decode()
    for words in ("健康", "备份", "作业", "磁盘", "版本", "DuckDB", "deploy.no-backups"):
        assert words in page


@pytest.mark.parametrize("role", ["clerk", "steward", "auditor", "security", "resident"])
def test_nobody_else_does_and_the_try_is_on_record(client, account, role):
    client.force_login(account(role))
    assert client.get(reverse(PAGE)).status_code == 403
    assert LedgerEntry.objects.filter(action="operations.read", outcome="refused").count() == 1


def test_who_is_signed_out_is_sent_to_sign_in(client, db):
    assert client.get(reverse(PAGE)).status_code == 302


def test_a_lost_folder_and_a_spoilt_backup_are_told(administrator, home, tmp_path, monkeypatch):
    spoilt = tmp_path / "kept" / "2026-11-22T000000Z"
    spoilt.mkdir(parents=True)
    (spoilt / MANIFEST).write_text("{}")
    (spoilt / SEAL).write_text("0")
    monkeypatch.setenv("JINGWEI_BACKUPS", str(tmp_path / "kept"))
    (home / "files").rename(home / "elsewhere")
    answer = administrator.get(reverse(PAGE))
    page = answer.content.decode()
    assert answer.status_code == 200 and "现在不能正常用" in page and "manifest.json" in page
