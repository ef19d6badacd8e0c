"""Real database servers for tests and benchmarks: a PostgreSQL and a MariaDB of their own.

Import the fixtures into a `conftest.py`, or open `postgres()` and `mariadb()` where there is no pytest. Each server lives in a temporary folder, listens on a
free port of this machine only, and is gone with the test session. Where its programs are not
installed the tests that ask for it are skipped with the name of the package to install. Neither
server runs as root: a test run that is root hands it to the account its package made.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


class NotInstalled(Exception):
    """The server's programs are not there; says which package brings them."""


PASSWORD = "sesame open"
"""Of the account `reader`; the blank in it is there to be got wrong."""


@dataclass(frozen=True)
class Server:
    """A running server: where it is, and a way to prepare it as its administrator."""

    scheme: str
    port: int
    client: tuple[str, ...]

    def url(self, database: str, user: str = "reader") -> str:
        return f"{self.scheme}://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, script: str, database: str = "") -> str:
        """Runs SQL as the administrator and gives what it prints, unadorned."""
        done = subprocess.run(
            [*self.client, *([database] if database else [])],
            input=script,
            text=True,
            capture_output=True,
            check=False,
            env=_environment(),
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _environment() -> dict[str, str]:
    """Ours, without the reader's password, which a test may set for the code under test."""
    return {name: value for name, value in os.environ.items() if name not in ("PGPASSWORD", "MYSQL_PWD")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _account(name: str) -> str | None:
    """The account a server is to run under: none of its own unless we are root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        raise NotInstalled(
            f"no account {name!r} to run the server under, and it refuses to run as root"
        ) from None
    return name


def _folder(account: str | None) -> Path:
    # not pytest's: its folders are closed to other accounts
    folder = Path(tempfile.mkdtemp(prefix="jingwei-server-"))
    if account is not None:
        shutil.chown(folder, account)
    return folder


def _wait(server: Server, probe: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(150):
        if process.poll() is not None:
            break
        if (
            subprocess.run(
                [*server.client], input=probe, text=True, capture_output=True, check=False, env=_environment()
            ).returncode
            == 0
        ):
            return
        time.sleep(0.2)
    process.kill()
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL with an account `reader` that may log in (its password is `PASSWORD`)."""
    yield from _for_tests(postgres())


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """A MariaDB with an account `reader` that may log in (its password is `PASSWORD`)."""
    yield from _for_tests(mariadb())


def _for_tests(starting: AbstractContextManager[Server]) -> Iterator[Server]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(starting)
        except NotInstalled as missing:
            pytest.skip(str(missing))
        yield server


@contextmanager
def postgres(*, memory: str = "32MB") -> Iterator[Server]:
    """A running PostgreSQL; `memory` is its shared_buffers. Raises `NotInstalled`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    programs = found[-1].parent if found else Path(shutil.which("initdb") or "/-").parent
    if not (programs / "initdb").exists() or not shutil.which("psql"):
        raise NotInstalled("PostgreSQL is not installed (Debian: apt install postgresql)")
    account = _account("postgres")
    folder = _folder(account)
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    data = folder / "data"
    port = _free_port()
    subprocess.run(
        [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync",
         "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}"],
        user=account, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-p", str(port), "-h", "127.0.0.1",
             "-c", "fsync=off", "-c", "max_connections=30", "-c", f"shared_buffers={memory}"],
            user=account, cwd=folder, stdout=output, stderr=output,
        )  # fmt: skip
    server = Server(
        "postgresql",
        port,
        (
            "psql",
            "-X",
            "-q",
            "-At",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(folder),
            "-p",
            str(port),
            "-U",
            "postgres",
        ),
    )
    _wait(server, "SELECT 1", process, log)
    server.run(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
    try:
        yield server
    finally:
        _stop(process, folder)


@contextmanager
def mariadb() -> Iterator[Server]:
    """A running MariaDB. Raises `NotInstalled`."""
    daemon = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
    installer = shutil.which("mariadb-install-db")
    client = shutil.which("mariadb")
    if not (daemon and installer and client):
        raise NotInstalled("MariaDB is not installed (Debian: apt install mariadb-server)")
    account = _account("mysql")
    folder = _folder(account)
    data = folder / "data"
    port = _free_port()
    subprocess.run(
        [installer, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"],
        user=account, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [daemon, "--no-defaults", f"--datadir={data}", f"--socket={folder / 'socket'}", f"--port={port}",
             "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", f"--pid-file={folder / 'pid'}"],
            user=account, cwd=folder, stdout=output, stderr=output,
        )  # fmt: skip
    server = Server(
        "mysql",
        port,
        (
            client,
            "--no-defaults",
            f"--socket={folder / 'socket'}",
            "-u",
            "root",
            "-N",
            "-B",
            "--default-character-set=utf8mb4",
        ),
    )
    _wait(server, "SELECT 1", process, log)
    server.run(f"CREATE USER reader@'%' IDENTIFIED BY '{PASSWORD}'")
    try:
        yield server
    finally:
        _stop(process, folder)
