"""What is refused before others reach a node, all at once; and what a node for oneself may."""

from __future__ import annotations

import pytest

from jingwei.operations import deployment
from jingwei.operations.deployment import UnsafeStart, exposed, filesystem_of, findings, refuse_unsafe

SITE = "jingwei.district.example"


@pytest.fixture
def site(home, settings, monkeypatch):
    """A node as it should be: a name, HTTPS, a key of its own, nobody else may look in."""
    settings.ALLOWED_HOSTS, settings.DEBUG = [SITE, "127.0.0.1"], False
    settings.SECRET_KEY = "a7Zk2mQ9xW4vB8nR3tL6yP1sD5fG0hJcEuIo"[:20] * 3
    monkeypatch.setenv("JINGWEI_HTTPS", "1")
    home.chmod(0o750)
    return home


def grave() -> set[str]:
    return {one.code for one in findings() if one.grave}


def test_a_site_as_it_should_be_starts(site):
    refuse_unsafe("127.0.0.1")
    assert grave() == set()


def test_everything_that_is_wrong_is_told_at_once(site, settings, monkeypatch):
    settings.ALLOWED_HOSTS, settings.DEBUG, settings.SECRET_KEY = ["*"], True, "changeme"
    monkeypatch.setenv("JINGWEI_HTTPS", "0")
    monkeypatch.setattr(deployment, "filesystem_of", lambda path: "nfs4")
    (site / "demo.json").write_text("{}")
    (site / "secret.key").write_text("x")
    (site / "secret.key").chmod(0o644)
    with pytest.raises(UnsafeStart) as refused:
        refuse_unsafe("127.0.0.1")
    codes = {
        f"deploy.{name}" for name in ("debug", "hosts", "http", "secret", "demo", "readable", "shared-disk")
    }
    assert grave() == codes and all(code in str(refused.value) for code in codes)
    assert all(str(one.what) and str(one.do) for one in findings())


@pytest.mark.parametrize(
    ("host", "names", "is_exposed"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1", "[::1]"], False),
        ("::1", ["localhost"], False),
        ("0.0.0.0", ["localhost"], True),
        ("10.0.0.5", ["localhost"], True),
        ("127.0.0.1", [SITE], True),
        ("127.0.0.1", ["*"], True),
    ],
)
def test_who_can_reach_a_node_is_told_by_address_and_names(settings, host, names, is_exposed):
    settings.ALLOWED_HOSTS = names
    assert exposed(host) is is_exposed


def test_a_demo_is_for_this_machine_alone(home, settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    (home / "demo.json").write_text("{}")
    refuse_unsafe("127.0.0.1")
    with pytest.raises(UnsafeStart) as refused:
        refuse_unsafe("0.0.0.0")
    assert "deploy.demo" in str(refused.value)


def test_the_disk_of_a_folder_is_the_nearest_mount_above_it(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert filesystem_of(tmp_path / "home", mounts) == "nfs4"
    assert filesystem_of(tmp_path.parent, mounts) == "ext4"
    assert filesystem_of(tmp_path, tmp_path / "none") == ""
