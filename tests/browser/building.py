"""Sites to look at: the real one, and a small one whose proofs have every outcome. Both are built in temporary folders."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from provenv import project, recipe
from provenv.ledger import replace
from provenv.project import Project
from provenv.proof import CommandProof, Environment, Failure, Key, Package, Platform, Proof, StepProof, required
from provenv.prove import CommandRecord, StepRecord
from provenv.proving import transcript_path
from provenv.recipe import Recipe, Step

ROOT = Path(__file__).parents[2]
GENERATED = shutil.ignore_patterns("generated")
RAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
"""When the proofs of the small site are dated."""
MAX_AGE = 30


def provenv(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a project."""
    return subprocess.run([sys.executable, "-m", "provenv", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def mkdocs(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build a project's site strictly into its folder `site` (not quietly: MkDocs would neither print nor count warnings)."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", "site"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def build(folder: Path) -> Path:
    """Generate a project's pages and build its site; gives the folder of the site."""
    for ran in (provenv(folder, "pages"), mkdocs(folder)):
        assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder / "site"


def copy_real(target: Path) -> None:
    """Copy the project as it is, without what is generated."""
    target.mkdir()
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, target)
    for name in ("recipes", "proofs", ".provenv/runs"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "docs", target / "docs", ignore=GENERATED)
    for name in ("recipes", "proofs"):
        shutil.rmtree(target / "docs" / name, ignore_errors=True)


# --- the small site -----------------------------------------------------------------------------------------------------

_README = """---
title: Weigh "labels" & <classes>
summary: A small recipe whose proofs have every outcome.
lanes: [venv]
pythons: ["3.11", "3.13"]
as-of: 2026-11-01
guides: [small]
scenarios:
  good: What works
  bad: What failed
  old: What changed
  never: What never ran
---

# Weigh

## What works

```console id="hello"
$ echo "a < b & c" \\
>   'and "quotes"'
a < b & c and "quotes"
$ echo done
done
```

- In a list:

    ```console id="nested" exit="3"
    $ sh -c 'echo deep; exit 3'
    ...
    de[..]
    ```

```console id="wide"
$ echo 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789
[..]
```

```file
weigh.py
```

```powershell unproven="Runs on Windows only, so <nothing> here proves it."
.venv\\Scripts\\Activate.ps1
```

## What failed

```console id="bad"
$ echo bad
bad
```

## What changed

```console id="old"
$ echo old
old
```

## What never ran

```console id="never"
$ echo never
never
```
"""

_MODULE = '''"""Weighs."""

# --8<-- [start:core]
def weigh(labels: list[str]) -> dict[str, float]:
    """Return one weight a label."""
    return {label: 1.0 for label in labels}  # a comment
# --8<-- [end:core]
'''

_GUIDE = """# A small guide

Some words, `weigh.py` and a [link](../recipes/demo.md).

=== "One"

    ```step
    demo#hello
    ```

=== "Two"

    ```file
    demo/weigh.py#core
    ```

!!! note

    A note with a [link](../index.md), too.

| word | meaning |
|---|---|
| `label` | a name |

```python
assert 1 + 1 == 2  # run by the tests
```

```console unproven="Shown for its prompt only."
$ echo one
one
$ echo two \\
>   three
```
"""

_INDEX = "# Small\n\nGo to the [guide](guides/small.md).\n\n```step\ndemo#hello\n```\n"

_NAV = """
nav:
  - Home: index.md
  - Guides: [guides/small.md]
  - Recipes: [recipes/index.md, recipes/demo.md]
  - Proofs: proofs/index.md
"""


def write_small(target: Path) -> Project:
    """Write the small project, dressed like the real one."""
    for name in ("recipes/demo", "docs/guides"):
        (target / name).mkdir(parents=True)
    for name in ("assets", "overrides"):
        shutil.copytree(ROOT / "docs" / name, target / "docs" / name, ignore=GENERATED)
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    texts = {
        "mkdocs.yml": settings[: settings.index("\nnav:")] + _NAV,
        "pyproject.toml": f"[tool.provenv]\nmax-age-days = {MAX_AGE}\n",
        "docs/index.md": _INDEX,
        "docs/guides/small.md": _GUIDE,
        "recipes/demo/README.md": _README,
        "recipes/demo/weigh.py": _MODULE,
    }
    for name, text in texts.items():
        (target / name).write_text(text, "utf-8")
    made = project.find(target)
    demo = recipe.load(target / "recipes/demo")
    for key in required(demo):
        if key.scenario != "never":
            _prove(made, demo, key)
    made.ledger.pin([demo])
    return made


def _prove(made: Project, demo: Recipe, key: Key) -> None:
    steps = next(scenario.steps for scenario in demo.scenarios if scenario.name == key.scenario)
    records = [_record(step, key.python) for step in steps]
    proof = Proof(
        scenario=key.scenario,
        lane=key.lane,
        python=key.python,
        as_of=key.as_of,
        content="sha256:" + "0" * 64 if key.scenario == "old" else demo.content,
        ran_at=RAN,
        seconds=2.5,
        interpreter=f"{key.python}.9",
        platform=Platform("Linux", "x86_64", "glibc 2.36"),
        steps=[StepProof(each.id, [CommandProof(one.exit_code, one.seconds) for one in each.commands], each.digest) for each in records],
        environments=[Environment("~/demo/.venv", [Package("numpy", f"2.{key.python[2:]}.0"), Package("pip", "26.3")])],
        stand_ins=["a small index in place of the real one"],
        failure=Failure("`echo bad` did not print what is expected", "bad", 54) if key.scenario == "bad" else None,
    )
    made.ledger.record(demo, proof)
    replace(transcript_path(made, key), msgspec.json.encode({"ran_at": RAN, "steps": records}))


def _record(step: Step, python: str) -> StepRecord:
    printed = {"wide": ["seen < exactly & so"], "nested": ["before", f"deep in {python}"]}
    return StepRecord(
        step.id,
        [
            CommandRecord(each.text, printed.get(step.id, list(each.expected)), step.exit_code if each is step.commands[-1] else 0, 0.7)
            for each in step.commands
        ],
    )
