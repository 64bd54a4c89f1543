"""A comparison that finds nothing is worth something only if it can find something."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

SCRIPT = Path(__file__).parents[1] / "compare_wheels.py"
WHEEL = {
    "toy/__init__.py": "one = 1\n",
    "toy/names.txt": "a\n",
    "toy-1.0.dist-info/METADATA": "Name: toy\nVersion: 1.0\nRequires-Dist: numpy\n\nAbout toys.\n",
}
CHANGES = {
    "changed: file toy/__init__.py": {"toy/__init__.py": "one = 2\n"},
    "only before: file toy/names.txt": {"toy/names.txt": None},
    "only before: Requires-Dist: numpy": {"toy-1.0.dist-info/METADATA": "Name: toy\nVersion: 1.0\n\nAbout toys.\n"},
}


@pytest.mark.parametrize("line", CHANGES)
def test_each_kind_of_difference_is_found(tmp_path, line):
    before, after = wheel(tmp_path / "before.whl", WHEEL), wheel(tmp_path / "after.whl", WHEEL | CHANGES[line])
    assert compare(before, before) == (0, "same: 2 files, 4 fields\n")
    assert compare(before, after) == (1, line + "\n")


def wheel(path, content):
    with ZipFile(path, "w") as archive:
        for name, text in content.items():
            if text is not None:
                archive.writestr(name, text)
    return path


def compare(before, after):
    done = subprocess.run([sys.executable, SCRIPT, before, after], capture_output=True, text=True)
    return done.returncode, done.stdout
