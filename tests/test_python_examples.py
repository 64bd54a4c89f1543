"""Every Python fence of the pages, the READMEs and the docstrings of the engine runs, and prints what it says."""

from pathlib import Path

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

ROOT = Path(__file__).parents[1]
PLACES = ["README.md", "CONTRIBUTING.md", "docs", "recipes", "src/provenv"]
GENERATED = [ROOT / "docs" / name for name in ("recipes", "proofs", "assets")]


def examples() -> list[CodeExample]:
    found = find_examples(*(str(ROOT / place) for place in PLACES))
    return [example for example in found if not any(example.path.is_relative_to(folder) for folder in GENERATED)]


def test_there_are_examples() -> None:
    assert examples()


@pytest.mark.parametrize("example", examples(), ids=str)
def test_an_example_runs_and_prints_what_it_says(example: CodeExample, eval_example: EvalExample) -> None:
    eval_example.run_print_check(example)
