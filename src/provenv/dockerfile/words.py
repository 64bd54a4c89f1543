"""Words of a Dockerfile: how its builder splits them, takes their quotes away and replaces variables in them.

Source: the Dockerfile reference (environment replacement, escape), and the behaviour of BuildKit where that is silent. Nothing here raises.
"""

import re
from collections.abc import Callable, Mapping

ESCAPES = ("\\", "`")
"""What the `escape` directive may name; the first is the default."""
_DEEPEST = 20
"""Variables within the defaults of variables are followed so far."""
_WORD = {
    escape: re.compile(
        rf"(?:<<[ \t]*|'[^']*(?:'|\Z)|\"(?:{re.escape(escape)}.|[^\"{re.escape(escape)}])*(?:\"|{re.escape(escape)}?\Z)"
        rf"|{re.escape(escape)}(?:.|\Z)|[^\s'\"{re.escape(escape)}])+",
        re.DOTALL,
    )
    for escape in ESCAPES
}
_NAME = re.compile(r"\w+", re.ASCII)
_BRACED = re.compile(r"\{(\w+)(:[-+?]|[-+?]|##?|%%?|//?|(?=\}))", re.ASCII)


def split(text: str, escape: str = ESCAPES[0]) -> list[str]:
    """The words of a text as they are written, quotes and all; `<< WORD` is one."""
    return _WORD[escape].findall(text)


def first(text: str, escape: str = ESCAPES[0]) -> tuple[str, str]:
    """The first word of a text as it is written, and what follows it."""
    match = _WORD[escape].search(text)
    return (match[0], text[match.end() :].lstrip()) if match else ("", "")


def unquoted(word: str, escape: str = ESCAPES[0]) -> str:
    """A word without its quotes and escapes, its variables left as they are."""
    return _Reader(word, None, escape).until("")


def replaced(word: str, values: Mapping[str, str], escape: str = ESCAPES[0]) -> str:
    """A word without its quotes and escapes, its variables replaced; one without value gives nothing."""
    return _Reader(word, values, escape).until("")


class _Reader:
    """Reads a word from left to right."""

    def __init__(self, text: str, values: Mapping[str, str] | None, escape: str) -> None:
        self.text, self.values, self.escape = text, values, escape
        self.at = self.depth = 0

    def until(self, stops: str) -> str:
        """What stands before the first of some characters; the place moves to it."""
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in stops:
            char = self.text[self.at]
            self.at += 1
            if char == "'":
                end = self.text.find("'", self.at)
                end = len(self.text) if end < 0 else end
                parts.append(self.text[self.at : end])
                self.at = end + 1
            elif char == '"':
                parts.append(self._quoted())
            else:
                parts.append(self._other(char))
        return "".join(parts)

    def _quoted(self) -> str:
        """The rest of a text in double quotes, where an escape counts before few characters only."""
        parts = []
        while self.at < len(self.text) and self.text[self.at] != '"':
            char = self.text[self.at]
            self.at += 1
            escapes = char == self.escape and self.text[self.at : self.at + 1] not in ('"', "$", self.escape)
            parts.append(char if escapes else self._other(char))
        self.at += 1
        return "".join(parts)

    def _other(self, char: str) -> str:
        if char == self.escape:
            self.at += 1
            return self.text[self.at - 1 : self.at]
        return self._variable() if char == "$" and self.values is not None else char

    def _variable(self) -> str:
        """The value of a variable whose `$` was read."""
        values = self.values or {}
        if plain := _NAME.match(self.text, self.at):
            self.at = plain.end()
            return values.get(plain[0], "")
        match = _BRACED.match(self.text, self.at)
        if not match or self.depth == _DEEPEST:
            return "$"
        self.at = match.end()
        self.depth += 1
        name, operator = match.groups()
        word, other = self.until("/}" if operator.startswith("/") else "}"), ""
        if self.text[self.at : self.at + 1] == "/":
            self.at += 1
            other = self.until("}")
        self.depth -= 1
        self.at += 1
        return _value(values.get(name), operator, word, other)


def _value(value: str | None, operator: str, word: str, other: str) -> str:
    """What `${NAME operator word}` stands for; no value is None."""
    match operator.lstrip(":"):
        case "-":
            return word if value is None or (operator[0] == ":" and not value) else value
        case "+":
            return "" if value is None or (operator[0] == ":" and not value) else word
        case "#" | "##" | "%" | "%%":
            return _cut(value or "", operator, word)
        case "/" | "//":
            return re.sub(_pattern(word), lambda _: other, value or "", count=int(operator == "/")) if word else value or ""
        case _:
            return value or ""


def _cut(value: str, operator: str, word: str) -> str:
    """A value without the shortest (`##` and `%%`: longest) start or end that a pattern with `*` and `?` describes."""
    fits: Callable[[str], object] = re.compile(_pattern(word), re.DOTALL).fullmatch
    places = range(len(value) + 1)
    if operator[0] == "#":
        ends = places if operator == "#" else reversed(places)
        return next((value[end:] for end in ends if fits(value[:end])), value)
    starts = reversed(places) if operator == "%" else places
    return next((value[:start] for start in starts if fits(value[start:])), value)


def _pattern(word: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in word)
