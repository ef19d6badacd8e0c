"""Whether a port can be listened on, asked before anything is started."""

from __future__ import annotations

import errno
import socket

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class PortTaken(BadInput):
    code = "port-taken"
    what = Text("端口 {port} 已被别的程序占用。", "The port {port} is used by another program.")
    do = Text(
        "换一个端口，例如 --port {other}（make demo PORT={other}）。",
        "Choose another, e.g. --port {other} (make demo PORT={other}).",
    )


class PortRefused(BadInput):
    code = "port-refused"
    what = Text("不能在 {host}:{port} 上监听：{why}", "{host}:{port} cannot be listened on: {why}")
    do = Text("换一个地址或端口。", "Choose another address or port.")


def require_free(host: str, port: int) -> None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as exc:
        if exc.errno == errno.EADDRINUSE:
            raise PortTaken(port=port, other=port + 1 if port < 65535 else port - 1) from exc
        raise PortRefused(host=host, port=port, why=exc.strerror) from exc
