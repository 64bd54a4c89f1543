"""How much of a corpus a vocabulary of the N most frequent words covers."""

import argparse
import re
from collections import Counter
from pathlib import Path

import yaml
from tqdm import tqdm

WORD = re.compile(r"[^\W\d_]+")


def words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def count(lines: list[str], quiet: bool = True) -> Counter[str]:
    counts: Counter[str] = Counter()
    for line in tqdm(lines, disable=quiet):
        counts.update(words(line))
    return counts


def coverage(counts: Counter[str], size: int) -> float:
    """The share of all words that the `size` most frequent ones make up."""
    total = sum(counts.values())
    kept = sum(n for _, n in counts.most_common(size))
    return kept / total if total else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--progress", action="store_true")
    args = parser.parse_args()
    config = yaml.safe_load(args.config.read_text(encoding="utf-8"))
    lines = (args.config.parent / config["corpus"]).read_text(encoding="utf-8").splitlines()
    counts = count(lines, quiet=not args.progress)
    print(f"{sum(counts.values())} words, {len(counts)} different")
    for size in config["sizes"]:
        print(f"the {size} most frequent cover {coverage(counts, size):.0%}")
