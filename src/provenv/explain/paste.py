"""What a person pastes, made comparable: letters and marks, without what terminals, logs and chats put in between.

The same rules stand in `docs/assets/javascripts/explain.js`; a test holds the two against each other.
"""

import re
from dataclasses import dataclass
from functools import cached_property

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
_OTHER_THAN_DIGITS = re.compile(r"[^a-z0-9]+")


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


def stands(words: str, text: str) -> bool:
    """Whether compacted words stand in a compacted text, and not as the beginning of a longer one."""
    at = text.find(words)
    while at >= 0:
        after = text[at + len(words) : at + len(words) + 1]
        if after in ("", MARK):
            return True
        at = text.find(words, at + 1)
    return False


@dataclass(frozen=True)
class Paste:
    """A paste, in the forms that it is compared in."""

    text: str
    """As it was cleaned."""

    @cached_property
    def forms(self) -> tuple[str, str]:
        """Compacted, and with a mark for spaces, too."""
        return compact(self.text), spaced(self.text)

    @cached_property
    def forms_with_digits(self) -> tuple[str, str]:
        """The same, and digits stay."""
        lower = self.text.lower()
        return _OTHER_THAN_DIGITS.sub(MARK, _SPACE.sub("", lower)), _OTHER_THAN_DIGITS.sub(MARK, lower)

    @cached_property
    def parts(self) -> set[str]:
        """Its shingles."""
        return shingles(self.forms[0])

    def has(self, words: str) -> bool:
        """Whether words stand in it, however they are spaced."""
        return stands(compact(words).strip(MARK), self.forms[0]) or stands(spaced(words).strip(MARK), self.forms[1])
