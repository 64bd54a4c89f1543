"""Fenced code blocks of a Markdown file, wherever they stand: top level, lists, quotes, admonitions and content tabs.

Only finds and reads them; what a fence means is for the recipe and the site to say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from provenv.errors import BadInput

_INFO = re.compile(r'(?P<language>[\w#.+-]*)(?P<options>(?:\s+[a-z]+="[^"]*")*)\s*')
_OPTION = re.compile(r'([a-z]+)="([^"]*)"')
_CONTAINER = re.compile(r"(?:!!!|\?\?\?\+?|===[!+]?)[ \t]+\S")
_CONTAINER_INDENT = 4


@dataclass(frozen=True)
class Fence:
    """One fenced code block."""

    language: str
    options: dict[str, str]
    body: tuple[str, ...]
    """Lines between the fences, without the indentation or quote marks of what surrounds them."""
    path: Path
    line: int
    """Line of the opening fence, counted from 1."""
    end: int
    """Line of the closing fence, counted from 1."""

    def refuse(self, sentence: str, offset: int = 0) -> BadInput:
        """The error to raise about this fence; `offset` counts lines from its opening line."""
        return BadInput(sentence, self.path, self.line + offset)


def find(text: str, path: Path) -> Iterator[Fence]:
    """Every fence of a Markdown text, in order; raises `BadInput` where an info string cannot be read."""
    for token in parse(text if text.endswith("\n") else f"{text}\n"):
        if token.type == "html_block" and token.map:
            _refuse_hidden(token, path)
        if token.type != "fence" or token.map is None:
            continue
        first, end = token.map
        body = tuple(token.content.split("\n")[:-1])
        if len(body) != end - first - 2:  # one line to open it, one to close it
            raise BadInput("this fence is never closed; end it with a line of its own marks", path, first + 1)
        match = _INFO.fullmatch(token.info.strip())
        if match is None:
            sentence = f'the info string `{token.info.strip()}` cannot be read; write the language and then options such as id="install"'
            raise BadInput(sentence, path, first + 1)
        options = _options(match["options"], path, first + 1)
        yield Fence(match["language"], options, body, path, first + 1, end)


@lru_cache(maxsize=4)
def parse(text: str) -> tuple[Token, ...]:
    """The block tokens of a Markdown text (CommonMark, with the containers of Python-Markdown); kept, since a README is asked for its fences and its headings."""
    return tuple(_PARSER.parse(text))


def _refuse_hidden(html: Token, path: Path) -> None:
    """A fence right under an HTML tag is code on the site, yet no fence in CommonMark; outside of a comment it may not hide there."""
    text = re.sub(r"<!--.*?(?:-->|\Z)", lambda match: "\n" * match[0].count("\n"), html.content, flags=re.DOTALL)
    for offset, line in enumerate(text.split("\n")):
        if re.match(r"[\s>]*(```|~~~)", line) and html.map:
            raise BadInput("this fence stands inside HTML; put an empty line between the tag and the fence", path, html.map[0] + offset + 1)


def _options(text: str, path: Path, line: int) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in _OPTION.findall(text):
        if name in options:
            raise BadInput(f"the option `{name}` stands twice on this fence; keep one", path, line)
        options[name] = value
    return options


def _container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule for Python-Markdown's admonitions (`!!!`, `???`) and content tabs (`===`): an opening line and an indented body."""
    if state.is_code_block(start):
        return False
    opening = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not _CONTAINER.match(opening):
        return False
    if silent:
        return True
    indent = state.sCount[start] + _CONTAINER_INDENT
    after = start + 1
    while after < end and (state.isEmpty(after) or state.sCount[after] >= indent):
        after += 1
    outer = state.blkIndent, state.lineMax, state.parentType
    state.blkIndent, state.lineMax, state.parentType = indent, after, "container"
    state.md.block.tokenize(state, start + 1, after)
    state.blkIndent, state.lineMax, state.parentType = outer
    state.line = after
    return True


_PARSER = MarkdownIt("commonmark", {"maxNesting": 200}).disable("inline")
_PARSER.block.ruler.before("fence", "container", _container, {"alt": ["paragraph", "reference", "blockquote", "list"]})
