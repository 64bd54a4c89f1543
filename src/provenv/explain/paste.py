"""What a person pastes, made comparable: letters and marks, without what terminals, logs and chats put in between.

The same rules stand in `docs/assets/javascripts/explain.js`; a test holds the two against each other.
"""

import re

SHINGLE = 6
"""Characters that are compared at a time."""
MARK = "."
"""What stands for any punctuation and digits."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]")
_PREFIX = re.compile(
    r"^(?:\s*(?:"
    r"#\d+ +(?:\d+\.\d+ )?"  # a build's step and its seconds
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?:? "  # a time stamp
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? "
    r"|[\w.-]{1,40} +\| "  # compose
    r"|[>|│┃║╎┆*-]+ "  # quotes and boxes
    r"))+"
)
_SPACE = re.compile(r"\s+")
_OTHER = re.compile(r"[^a-z]+")


def clean(text: str) -> str:
    """A text without escape sequences, and without what logs and quotes put before its lines."""
    return "\n".join(_PREFIX.sub("", line) for line in _ESCAPES.sub("", text).split("\n"))


def compact(text: str) -> str:
    """Letters of a clean text in a row, with one mark for whatever else stands between them; spaces and line ends vanish."""
    return _OTHER.sub(MARK, _SPACE.sub("", text).lower())


def spaced(text: str) -> str:
    """The same, with a mark for spaces and line ends, too."""
    return _OTHER.sub(MARK, text.lower())


def shingles(text: str) -> set[str]:
    """All runs of `SHINGLE` characters of a compacted text."""
    return {text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)}
