"""Split records into train, valid and test by a hash of their id."""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

STEPS = 10_000


def part_of(record_id: str, valid: float = 10, test: float = 10, salt: str = "") -> str:
    """The part (train, valid, test) of one record; `valid` and `test` are percentages.

    Only the id and the salt decide, so a record never moves because others were added, removed or reordered.
    """
    if valid < 0 or test < 0 or valid + test > 100:
        raise ValueError("valid and test are percentages, together 100 at most")
    digest = blake2b(f"{salt}\0{record_id}".encode(), digest_size=8).digest()
    place = int.from_bytes(digest) % STEPS * 100 / STEPS
    if place < test:
        return "test"
    return "valid" if place < test + valid else "train"


def count(record_ids: Iterable[str], valid: float = 10, test: float = 10, salt: str = "") -> dict[str, int]:
    """How many records each part gets."""
    seen = Counter(part_of(i, valid, test, salt) for i in record_ids)
    return {part: seen[part] for part in ("train", "valid", "test")}
