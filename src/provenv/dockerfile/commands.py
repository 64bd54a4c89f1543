"""The commands that a RUN, CMD or ENTRYPOINT runs, and what those that install Python packages install.

A reading of shell text that is enough for checks: what it does not understand, it leaves as unknown. Nothing here raises.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from provenv.dockerfile import Instruction

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r]+)|(?P<end>\n|&&|\|\||;;|[;|()]|&(?![>&]))|(?P<write>\d*>{1,2}\|?(?!&)|&>{1,2})"
    r"|(?P<read>\d*(?:<<<|<(?!<))|\d*[<>]&[\d-]*)|(?P<heredoc>\d*<<-?)"
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_PIECE = re.compile(r"'[^']*'?|\"(?:\\.|[^\"\\])*\"?|\\.|\$\((?:[^()]|\([^()]*\))*\)?|\$\{[^}]*\}?|\$\w+|`[^`]*`?|.", re.DOTALL)
_ASSIGNMENT = re.compile(r"\w+\+?=", re.ASCII)
_OPENERS = ("if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "fi", "done")
_WRAPPERS = ("time", "exec", "command", "env", "sudo")
_CONDITIONS = ("if", "elif", "while", "until", "for", "case", "[", "[[", "test", "||")
_SHELLS = ("sh", "bash", "dash", "ash")
_DEEPEST = 5


@dataclass(frozen=True)
class Command:
    """One simple command."""

    words: tuple[str, ...]
    """Without quotes, known variables replaced; a word whose value is not known holds a `$` or a backtick."""
    writes: tuple[str, ...] = ()
    """Files that its output goes to."""
    sure: bool = True
    """Whether it runs in any case, so far as the commands before it succeed."""

    @property
    def program(self) -> str:
        """Name of what is run, without its folder."""
        return PurePosixPath(self.words[0]).name if self.words else ""


def known(text: str) -> bool:
    """Whether a text has no part that only a shell knows."""
    return "$" not in text and "`" not in text


def commands(instruction: Instruction, values: Mapping[str, str]) -> list[Command]:
    """The commands of a RUN, CMD or ENTRYPOINT; `values` are the variables that are known."""
    if instruction.listed is not None:
        return list(_within([Command(tuple(instruction.listed))], values))
    found = list(_within(shell(instruction.text, values), values))
    is_script = not found or (found[-1].program in _SHELLS and all(word.startswith("-") for word in found[-1].words[1:]))
    for body in instruction.heredocs if is_script else ():
        if not body.startswith("#!") or re.match(r"#!\S*(?:/|env (?:-S )?)(?:ba|da|a)?sh\b", body):
            found += _within(shell(body, values), values)
    return found


def _within(outer: Sequence[Command], values: Mapping[str, str], depth: int = 0) -> Iterator[Command]:
    """Commands, with those of `sh -c` in the place of it."""
    for each in outer:
        scripts = [after for word, after in zip(each.words[1:], each.words[2:], strict=False) if re.fullmatch(r"-[a-z]*c", word)]
        if each.program in _SHELLS and scripts and depth < _DEEPEST:
            yield from _within(shell(scripts[0], values, each.sure), values, depth + 1)
        else:
            yield each


@dataclass
class _Open:
    """A command that is being read."""

    words: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


def shell(text: str, values: Mapping[str, str], sure: bool = True) -> list[Command]:
    """The simple commands of a shell text, in order."""
    found: list[Command] = []
    here = _Open()
    goes_to: list[str] | None = None
    for kind, said in _tokens(text.replace("\\\n", " "), values):
        if kind == "end":
            found += _closed(here, sure)
            sure = sure and said != "||" and not (here.words and here.words[0] in _CONDITIONS)
            here, goes_to = _Open(), None
        elif kind == "word":
            target, goes_to = here.words if goes_to is None else goes_to, None
            target.append(said)
        else:
            goes_to = here.writes if kind == "write" else None if "&" in said else []
    return found + _closed(here, sure)


def _closed(here: _Open, sure: bool) -> list[Command]:
    words = list(here.words)
    while words and (words[0] in (*_OPENERS, *_WRAPPERS) or _ASSIGNMENT.match(words[0])):
        wraps = words.pop(0) in _WRAPPERS
        while wraps and words and words[0].startswith("-"):
            words.pop(0)
    return [Command(tuple(words), tuple(here.writes), sure)] if words or here.writes else []


def _tokens(text: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        if text[at] == "#":
            at = end if (end := text.find("\n", at)) >= 0 else len(text)
        elif match := _TOKEN.match(text, at):
            at = match.end()
            if match.lastgroup != "blank":
                yield str(match.lastgroup), match[0]
        else:
            parts = []
            while at < len(text) and not _TOKEN.match(text, at):
                piece = _PIECE.match(text, at)
                assert piece is not None
                parts.append(_meant(piece[0], values))
                at = piece.end()
            yield "word", "".join(parts)


def _meant(piece: str, values: Mapping[str, str]) -> str:
    """What a part of a word stands for, so far as it is known."""
    if piece[0] == "'":
        return piece.strip("'")
    if piece[0] == "\\":
        return piece[1:]
    inner = piece[1:-1] if len(piece) > 1 and piece[0] == piece[-1] == '"' else piece
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), inner)


# --- what is installed ----------------------------------------------------------------------------------------------------

_WITH_VALUE = re.compile(
    r"-[cbiftpCwdP]|--(?:"
    r"constraint|build-constraint|override|index-url|extra-index-url|index|default-index|find-links|target|prefix|root|src|python"
    r"|python-version|python-platform|platform|implementation|abi|no-binary|only-binary|cache-dir|timeout|retries|trusted-host|cert"
    r"|client-cert|proxy|log|progress-bar|upgrade-strategy|root-user-action|config-setting|config-settings|global-option|report"
    r"|uploaded-prior-to|wheel-dir|dest|group|exclude-newer|torch-backend|index-strategy|prerelease|resolution|link-mode|extra"
    r"|no-extra|only-group|no-group|upgrade-package|reinstall-package|refresh-package|keyring-provider|config-file|color"
    r"|exists-action|use-feature|use-deprecated|allow-insecure-host|no-install-package|package|project|directory|fork-strategy"
    r"|no-build-package|no-binary-package|only-final|cache-to"
    r")"
)
"""Options of pip and uv that take a value."""
_FILES = ("-r", "--requirement", "--requirements")
_INDEXES = ("-i", "--index-url", "--extra-index-url", "--index", "--default-index", "-f", "--find-links", "--torch-backend")
_AGAIN = ("-U", "--upgrade", "-I", "--ignore-installed", "--force-reinstall", "--reinstall", "--exact")
_PATH = re.compile(r"\.{0,2}/|\.{1,2}(?:$|\[)|[^\s@:]+\.(?:whl|zip|tar\.gz)(?:\[|$)")


@dataclass(frozen=True)
class Install:
    """What a command of pip or uv is asked for."""

    tool: str
    """`pip`, `uv pip` or `uv sync`."""
    verb: str
    """`install`, `wheel`, `download` or `sync`."""
    names: tuple[str, ...] = ()
    """Requirements, as written."""
    files: tuple[str, ...] = ()
    """Requirements files."""
    paths: tuple[str, ...] = ()
    """Projects and archives on the disk."""
    options: tuple[tuple[str, str], ...] = ()

    def values(self, *names: str) -> list[str]:
        """The values of options that may have several names."""
        return [value for name, value in self.options if name in names]

    @property
    def indexes(self) -> list[str]:
        """Where packages are looked for, so far as the command says it."""
        return self.values(*_INDEXES)

    @property
    def again(self) -> bool:
        """Whether what is there already is installed anew."""
        return any(name in _AGAIN for name, _ in self.options)


def install(command: Command) -> Install | None:
    """What a command installs with pip or uv, None if it does not."""
    words = list(command.words)
    program = command.program
    if re.fullmatch(r"python[\d.]*", program) and words[1:3] == ["-m", "pip"]:
        program, words = "pip", words[2:]
    if re.fullmatch(r"python[\d.]*", program) and words[1:3] == ["-m", "uv"]:
        program, words = "uv", words[2:]
    if program == "pip-sync":
        return _read("pip", "sync", ["-r", *words[1:]] if len(words) > 1 and not words[1].startswith("-") else words[1:])
    tool = "pip" if re.fullmatch(r"pip[\d.]*", program) else program
    verb, rest = _verb(words[1:])
    if tool == "uv" and verb == "pip":
        tool = "uv pip"
        verb, rest = _verb(rest)
        if verb == "sync":
            return _read(tool, verb, [part for word in rest for part in (("-r", word) if not word.startswith("-") else (word,))])
    if (tool in ("pip", "uv pip") and verb in ("install", "wheel", "download")) or (tool == "uv" and verb == "sync"):
        return _read("uv sync" if tool == "uv" else tool, verb, rest)
    return None


def _verb(words: Sequence[str]) -> tuple[str, list[str]]:
    """The first word that is no option, and the rest."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if _WITH_VALUE.fullmatch(words[at]) else 1
    return (words[at], [*words[:at], *words[at + 1 :]]) if at < len(words) else ("", [])


def _read(tool: str, verb: str, words: Sequence[str]) -> Install:
    names: list[str] = []
    files: list[str] = []
    paths: list[str] = []
    options: list[tuple[str, str]] = []
    pending = iter(words)
    for word in pending:
        name, given, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            (paths if _PATH.match(word) and "://" not in word else names).append(word)
        elif name in (*_FILES, "-e", "--editable"):
            value = value if given else next(pending, "")
            (files if name in _FILES else paths if "://" not in value and "+" not in value else names).append(value)
        elif word.startswith("-r") and len(word) > 2:
            files.append(word[2:])
        elif _WITH_VALUE.fullmatch(name):
            options.append((name, value if given else next(pending, "")))
        else:
            options.append((name, value))
    return Install(tool, verb, tuple(names), tuple(files), tuple(paths), tuple(options))
