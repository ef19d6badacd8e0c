"""Time stamps: a real authority, made with openssl, answers over HTTP."""

from __future__ import annotations

import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jingwei.kernel import ledger
from jingwei.kernel.ledger import checking, sealing, segments
from jingwei.kernel.ledger.tests.conftest import kinds

CONFIGURATION = """
[ tsa ]
default_tsa = authority
[ authority ]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Folder and address of an authority with a root certificate of its own."""
    folder: Path = tmp_path_factory.mktemp("authority")

    def openssl(*arguments: object) -> None:
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder)

    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
    openssl(*new, "-subj", "/CN=root", "-keyout", "root.key", "-out", "root.pem")
    openssl(
        *new, "-subj", "/CN=tsa", "-keyout", "tsa.key", "-out", "tsa.pem", "-CA", "root.pem", "-CAkey", "root.key",
        "-addext", "extendedKeyUsage=critical,timeStamping", "-addext", "basicConstraints=critical,CA:false",
        "-addext", "keyUsage=critical,digitalSignature",
    )  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            (folder / "asked").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "asked", "-out", "answer")
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "answer").read_bytes())

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_the_newest_head_is_stamped_and_a_changed_stamp_is_told(book, authority, settings):
    folder, settings.LEDGER_STAMP = authority
    settings.LEDGER_STAMP_ROOT = str(folder / "root.pem")
    sealing.seal()
    report = checking.verify()
    assert (report.findings, report.stamps) == ([], 1)
    stamp = segments.stamp_of(4)
    whole = stamp.read_bytes()
    stamp.write_bytes(whole[:-20] + b"x" * 20)
    assert kinds() == ["stamp"]
    ledger.record(None, "run.read", "later")
    sealing.seal()
    stamp.write_bytes(segments.stamp_of(5).read_bytes())
    assert kinds() == ["stamp"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "file:///etc/passwd", "nonsense"])
def test_an_authority_that_does_not_answer_holds_nothing_up(book, settings, address):
    settings.LEDGER_STAMP = address
    assert sealing.seal().entries == 3 and kinds() == []
    assert not segments.stamp_of(4).exists()
