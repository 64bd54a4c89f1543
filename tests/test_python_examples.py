"""Every Python fence of the pages, the READMEs and the docstrings of the engine runs, and prints what it says."""

from pathlib import Path

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

from provenv import fence

ROOT = Path(__file__).parents[1]
PLACES = ["README.md", "CONTRIBUTING.md", "docs", "recipes", "src/provenv"]
GENERATED = [ROOT / "docs" / name for name in ("recipes", "traps", "proofs", "assets")]


def examples() -> list[CodeExample]:
    found = find_examples(*(str(ROOT / place) for place in PLACES))
    return [example for example in found if not any(example.path.is_relative_to(folder) for folder in GENERATED)]


def python_fences() -> set[tuple[Path, int]]:
    places = [ROOT / place for place in PLACES]
    pages = [page for place in places for page in (place.rglob("*.md") if place.is_dir() else [place])]
    hand_written = [page for page in pages if not any(page.is_relative_to(folder) for folder in GENERATED)]
    return {(page, each.line) for page in hand_written for each in fence.find(page.read_text("utf-8"), page) if each.language == "python"}


def test_no_python_fence_escapes() -> None:
    found = {(example.path, example.start_line) for example in examples() if example.path.suffix == ".md"}
    assert found == python_fences() != set()


@pytest.mark.parametrize("example", examples(), ids=str)
def test_an_example_runs_and_prints_what_it_says(example: CodeExample, eval_example: EvalExample) -> None:
    eval_example.run_print_check(example)
