"""A mail server and a web server of a few lines, so that messages are sent and received for real."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer


class Mailbox(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 here")
        envelope = {"to": []}
        for line in iter(self.rfile.readline, b""):
            word = line.split(b":")[0].strip().upper()
            if word.startswith(b"EHLO") or word.startswith(b"HELO"):
                self.say("250 here")
            elif word == b"RCPT TO":
                envelope["to"].append(line.split(b":", 1)[1].split()[0].strip(b"<>\r\n").decode())
                self.say("550 no" if self.server.refusing else "250 ok")
            elif word == b"DATA":
                self.say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                envelope["mail"] = message_from_bytes(text, policy=policy.default)
                self.server.taken.append(envelope)
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, json.loads(text)))
        self.send_response(self.server.answer)
        if self.server.answer == 302:
            self.send_header("Location", self.server.elsewhere)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


@contextmanager
def served(server):
    server.taken, server.refusing, server.answer, server.elsewhere = [], False, 200, ""
    threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def mail_server():
    return served(socketserver.TCPServer(("127.0.0.1", 0), Mailbox))


def web_server():
    return served(HTTPServer(("127.0.0.1", 0), Hook))
