"""A package index behind a password: PEP 691's simple API over a folder of wheels."""

import hashlib
import hmac
import json
import os
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

WHEELS = Path("/wheels")
EXPECTED = "Basic " + b64encode(os.environ["INDEX_LOGIN"].encode()).decode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if not hmac.compare_digest(self.headers.get("Authorization", ""), EXPECTED):
            return self.answer(401, b"", "text/plain", ("WWW-Authenticate", 'Basic realm="packages"'))
        kind, _, name = unquote(self.path).strip("/").partition("/")
        found = [wheel for wheel in WHEELS.glob("*.whl") if name in (wheel.name, wheel.name.split("-")[0].replace("_", "-"))]
        if kind == "files" and found:
            return self.answer(200, found[0].read_bytes(), "application/octet-stream")
        if kind == "simple" and found:
            files = [
                {
                    "filename": wheel.name,
                    "url": f"/files/{wheel.name}",
                    "hashes": {"sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()},
                    "upload-time": "2026-10-01T00:00:00Z",
                }
                for wheel in found
            ]
            page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
            return self.answer(200, json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json")
        return self.answer(404, b"", "text/plain")

    def answer(self, status: int, body: bytes, kind: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
