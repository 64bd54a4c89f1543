"""Runs the conda lane many times in a row, two at a time, on a recipe that is good and on some that must be red: `python tests/conda/soak.py 200`.

It prints how many runs there were, how many of them crashed, were green where they had to be red or red where they had to be green, and the
median of their seconds; it ends with 1 if any of the three is not 0.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from provenv import sandbox
from provenv.conda import channel, server, stand_in

FRONT = """---
title: A soak
summary: One environment.
lanes: [conda]
pythons: ["3.11"]
as-of: 2026-11-01
guides: [environments]
---

"""
CREATE = """```console id="create" instead="rattler-conda create --prefix ./env python {spec}"
$ conda create --prefix ./env --yes python {spec}
...
```

"""
CHECK = """```console id="check"
$ env/bin/python -c "import six; print(six.__version__)"
1.17.0
```

"""
HALF = """```console id="half"
$ touch env/conda-meta/provenv-unfinished
```

"""
NOTHING = """```console id="create" instead="true"
$ conda create --prefix ./env --yes python six
...
```

"""
GOOD = CREATE.format(spec="six") + CHECK
RED = {
    "another-output": CREATE.format(spec="six") + CHECK.replace("1.17.0", "1.16.0"),
    "no-such-package": CREATE.format(spec="no-such-package"),
    "half-an-environment": GOOD + HALF,
    "no-environment": NOTHING,
}
LIMIT = 300


def verdict(root: Path, slug: str, variables: dict[str, str]) -> tuple[str, float, str]:
    """How one run went, its seconds, and what it said."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "provenv", "prove", slug]
    try:
        done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return "crash", LIMIT, "it did not end"
    told = done.stdout + done.stderr
    if done.returncode not in (0, 1) or "Traceback" in told:
        found = "crash"
    elif slug == "good":
        found = "right" if done.returncode == 0 else "false red"
    else:
        found = "right" if done.returncode == 1 else "false green"
    return found, time.monotonic() - begun, told


def main(count: int) -> int:
    """Run the lane `count` times; gives the exit code."""
    caches = sandbox.cache_folder()
    address = f"{server.address(stand_in.folder(caches))}/{stand_in.FORGE}"
    slugs = [("good", list(RED)[number // 2 % len(RED)])[number % 2] for number in range(count)]
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        root, temporary = Path(folder) / "project", Path(folder) / "tmp"
        temporary.mkdir()
        for slug, text in {"good": GOOD, **RED}.items():
            (root / "recipes" / slug).mkdir(parents=True)
            (root / "recipes" / slug / "README.md").write_text(FRONT + text)
        (root / "mkdocs.yml").write_text("site_name: a soak\n")
        variables = {**os.environ, channel.GIVEN: address, "PROVENV_CACHE": str(caches), "TMPDIR": str(temporary), "CI": "1"}
        variables |= {"PROVENV_CONDA": "rattler", "NO_PROXY": "127.0.0.1"}
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda slug: (slug, *verdict(root, slug, variables)), slugs))
        left = sorted(path.name for path in temporary.iterdir())
    for slug, found, _, told in results:
        if found != "right":
            print(f"{found}: {slug}\n{told}", file=sys.stderr)
    counts = Counter(found for _, found, _, _ in results)
    median = statistics.median(seconds for _, _, seconds, _ in results)
    bad = [counts[name] for name in ("crash", "false green", "false red")]
    print(
        f"runs {len(results)}, crashes {bad[0]}, false greens {bad[1]}, false reds {bad[2]}, median {median:.1f} s, left behind {len(left)}"
    )
    return 1 if any(bad) or left else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
