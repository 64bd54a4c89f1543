"""Talk to the API from inside: `python -m app.ask /healthz`, or `python -m app.ask job.json` to send a job and wait for its result."""

import json
import sys
import time
import urllib.error
import urllib.request

API = "http://localhost:8000"


def call(path: str, body: dict[str, object] | None = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=3) as answer:
        return json.load(answer)


def done(job: dict[str, object]) -> dict[str, object]:
    name = call("/jobs", job)["name"]
    for _ in range(100):
        try:
            return call(f"/jobs/{name}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            time.sleep(0.1)
    sys.exit("no result within 10 seconds")


if __name__ == "__main__":
    what = sys.argv[1]
    print(call(what) if what.startswith("/") else done(json.loads(what)))
