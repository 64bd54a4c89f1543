"""Serves a folder with channels over HTTP as a channel's server must: with entity tags, and nothing that a client may believe without asking."""

import threading
from contextlib import suppress
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfileobj
from typing import Any
from urllib.parse import unquote, urlsplit


@cache
def address(folder: Path) -> str:
    """Address under which a folder is served on loopback for as long as this process lives."""
    return f"http://127.0.0.1:{start(folder).server_port}"


def start(folder: Path) -> "Server":
    """Begin to serve a folder on loopback; `shutdown` ends it."""
    server = Server(("127.0.0.1", 0), folder)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class Server(ThreadingHTTPServer):
    """Serves a folder."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], folder: Path) -> None:
        super().__init__(address, _Handler)
        self.folder = folder.resolve()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        path = self._asked()
        if path is None:
            self._answer(404, 0)
            return
        state = path.stat()
        tag = f'"{sha256(f"{path}:{state.st_mtime_ns}:{state.st_size}".encode()).hexdigest()[:32]}"'
        if self.headers.get("If-None-Match") == tag:
            self._answer(304, None, tag)
            return
        self._answer(200, state.st_size, tag)
        if self.command != "HEAD":
            with suppress(OSError), path.open("rb") as file:
                copyfileobj(file, self.wfile)

    do_HEAD = do_GET

    def _asked(self) -> Path | None:
        """The file that is asked for, if the folder has it."""
        with suppress(ValueError):  # a name that no file can have, such as one with a NUL
            path = (self.server.folder / unquote(urlsplit(self.path).path).lstrip("/")).resolve()
            return path if path.is_relative_to(self.server.folder) and path.is_file() else None
        return None

    def _answer(self, code: int, length: int | None, tag: str = "") -> None:
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if tag:
            self.send_header("ETag", tag)
            self.send_header("Cache-Control", "no-cache")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass
