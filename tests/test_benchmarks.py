"""The page on benchmarks says what was measured last, and nothing else."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_is_made_from_the_results(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    subprocess.run([sys.executable, "benchmarks/run.py", "--page", page], cwd=ROOT, check=True)
    assert page.read_text() == (ROOT / "docs" / "reference" / "benchmarks.md").read_text()
