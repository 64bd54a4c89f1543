"""The server: `POST /predict` with a list of four numbers, `GET /healthz`."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scorer.model import Model

WEIGHTS = Path(os.environ.get("SCORER_MODEL", Path(__file__).with_name("model.json")))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != "/healthz":
            return self.answer(404, {"error": "no such page"})
        try:
            # What a client needs, not only that the port is open.
            self.answer(200, Model(WEIGHTS).predict([5.9, 3.0, 4.2, 1.5]))
        except (OSError, ValueError, KeyError) as error:
            self.answer(503, {"error": str(error)})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.answer(200, Model(WEIGHTS).predict(json.loads(body)))
        except (ValueError, TypeError) as error:
            self.answer(422, {"error": str(error)})

    def answer(self, status: int, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print("listening on 8000", flush=True)
    ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
