"""Patterns: for errors that come with many names, and for those that show in several lines that each alone tell nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from provenv.explain.paste import MARK, Paste

AND = " & "
NOT = "!"
NAME = "<name>"
_REPEAT = re.compile(r"\{[\d,]+\}")
_GROUP = re.compile(r"\([^()]*\)[?*+]?|\[[^\]]*\][?*+]?|\\.[?*+]?|[a-z0-9][?*]")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Part:
    """A regular expression over a compacted paste, in which a blank is a mark or nothing and `_` the mark."""

    text: str

    @property
    def forbids(self) -> bool:
        """Whether it must not be there."""
        return self.text.startswith(NOT)

    @cached_property
    def expression(self) -> str:
        """The expression in full."""
        mark = re.escape(MARK)
        return self.text.removeprefix(NOT).replace(" ", f"{mark}?").replace("_", mark)

    @cached_property
    def digits(self) -> bool:
        """Whether it asks for a digit, so that digits must be looked at."""
        return re.search(r"\d|\\d", _REPEAT.sub("", self.text)) is not None

    @cached_property
    def word(self) -> str:
        """A run of letters that is in whatever fits, empty if there is none."""
        rest, smaller = self.text, ""
        while rest != smaller:
            rest, smaller = _GROUP.sub("#", _REPEAT.sub("*", rest.replace(NAME, "#"))), rest
        return "" if "|" in rest else max(_WORD.findall(rest), key=len, default="")

    def forms(self, paste: Paste) -> tuple[str, str]:
        """The forms of a paste that it looks at."""
        return paste.forms_with_digits if self.digits else paste.forms

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        """With any word for `<name>`; `re` itself keeps fewer expressions than there are."""
        return re.compile(self.expression.replace(NAME, "([a-z]+)"))

    def names(self, paste: Paste) -> Iterator[str]:
        """The words that stand for `<name>`."""
        for form in self.forms(paste):
            yield from (each[1] for each in self._compiled.finditer(form))

    def stands(self, paste: Paste, name: str = "") -> bool:
        """Whether it is in a paste, with a word for `<name>`."""
        expression = re.compile(self.expression.replace(NAME, name)) if name else self._compiled
        return any(expression.search(form) for form in self.forms(paste))


@dataclass(frozen=True)
class Pattern:
    """Parts that are divided by ` & `, and that must all be there, or not be there where they begin with `!`."""

    text: str

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Its parts; raises `re.error` from their use for one that is no expression."""
        return tuple(map(Part, self.text.split(AND)))

    @cached_property
    def named(self) -> bool:
        """Whether a name stands in it."""
        return NAME in self.text

    @cached_property
    def wanted(self) -> int:
        """How many parts must be there."""
        return sum(not part.forbids for part in self.parts)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What is looked for first, since that is quick: the longest word of each part that must be there."""
        return tuple(part.word for part in self.parts if part.word and not part.forbids)

    def fits(self, paste: Paste) -> bool:
        """Whether a paste has all that it asks for."""
        if not all(word in paste.forms[0] for word in self.words):
            return False
        first, *others = self.parts
        if not self.named:
            return all(part.stands(paste) != part.forbids for part in self.parts)
        return any(all(part.stands(paste, name) != part.forbids for part in others) for name in dict.fromkeys(first.names(paste)))
