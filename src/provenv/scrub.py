"""Takes out of a text what is personal or local: paths, user and host names, tokens, addresses of private indexes.

Every text that leaves a sandbox (transcript, proof, page, message) passes here.
"""

import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from provenv.sandbox import CHANNEL, INDEX

HOME = "/home/you"
SECRET = "[secret]"  # noqa: S105 (what is shown in the place of one)
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@:\"']+(?::[^\s/@\"']*)?@")
_TOKENS = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|pypi-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{20,}"
    r"|sk-[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{16}|xox[abpr]-[\w-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,})"
)
_ASSIGNED = re.compile(r"(?i)((?:token|password|passwd|secret|api[_-]?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]{4,}")
_SECRET_NAME = re.compile(r"(?i)token|secret|passw|api_?key|credential")
_SETTING = re.compile(r"[A-Za-z]?[a-z]{0,8}|[A-Z]{0,9}|\d{0,4}")  # `true`, `required`, `0600`: one short word or number, or nothing
_ADDRESS = re.compile(r"(?i)\bhttps?://(?:[^\s/\"'<>]*@)?(?:\[secret\]|[^\s\"'<>)\]},`])+")
_HOST = re.compile(r"(?i)(\bhost=['\"]|\bresolve ['\"]|\blookup |\bresolve host:? ['\"]?)[\w-]+(?:\.[\w-]+)+")
"""A host that a message names outside of an address, as those of urllib3, Docker and curl do."""
_LIST_OF_APT = re.compile(r"\b[\w-]+(?:\.[\w-]+)+(?=_\w[\w.+-]*_dists_)")
"""The host in the name of a list that apt keeps."""
_OWN_HOSTS = ("localhost", "127.0.0.1", "::1")
PUBLIC = ("peps.python.org", "docs.python.org", "packaging.python.org", "pip.pypa.io", "docs.astral.sh", "python-poetry.org")
"""Hosts of public documentation, which tools print and readers want; every other address is private or may become so."""
NOBODY = ".invalid"
"""The end of names that nobody has or will have (RFC 6761), for indexes that are not reached."""


class Scrubber:
    """Replaces what is local by what a reader would have; the order is: longer paths first, then secrets, addresses and names."""

    def __init__(self, paths: Mapping[Path, str], secrets: Iterable[str] = ()) -> None:
        """`paths` maps folders of this machine to what is shown in their place; `secrets` are texts never to be shown."""
        shown = {str(form): text for path, text in paths.items() for form in {path, path.resolve()}}
        longest_first = sorted(shown, key=len, reverse=True)
        self._shown = shown
        self._paths = re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})(?![\\w-])") if shown else None
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
        self._names = [name for name in _names() if name[1] != HOME or str(Path.home()) not in shown]

    def __call__(self, text: str) -> str:
        """The text without what is local or secret."""
        if self._paths:
            text = self._paths.sub(lambda match: self._shown[match[0]], text)
        for secret in self._secrets:
            text = text.replace(secret, SECRET)
        text = _ADDRESS.sub(_public, text)
        text = _HOST.sub(lambda match: match[0] if match[0].endswith(NOBODY) else f"{match[1]}[address]", text)
        text = _LIST_OF_APT.sub("[address]", text)
        text = _CREDENTIALS.sub(f"{SECRET}@", text)
        text = _TOKENS.sub(SECRET, text)
        text = _ASSIGNED.sub(rf"\1{SECRET}", text)
        for name, shown in self._names:
            text = name.sub(shown, text)
        return text


def host_secrets() -> list[str]:
    """Values of the environment's variables whose names speak of tokens or passwords, and what the addresses let in tell."""
    named = [value for name, value in os.environ.items() if _SECRET_NAME.search(name)]
    let_in = [value for name, value in os.environ.items() if name in (INDEX, CHANNEL) or name.lower().endswith("_proxy")]
    secrets = [value for value in named if not _SETTING.fullmatch(value) and not os.path.exists(value)]
    return [*secrets, *(part for address in let_in for part in _parts(address))]


def _parts(address: str) -> Iterator[str]:
    """User, password and host of an address, as they are written in it and as they are sent."""
    try:
        split = urlsplit(address if "://" in address else f"//{address}")
    except ValueError:
        yield address
        return
    for part in (split.username, split.password, split.hostname):
        if part and part not in _OWN_HOSTS:
            yield from {part, unquote(part)}


def _public(match: re.Match[str]) -> str:
    host, _, port = match[0].split("/")[2].partition(":")
    known = host in PUBLIC or re.fullmatch(rf"[\w.-]+{re.escape(NOBODY)}", host)
    return match[0] if known and (not port or port.isdigit()) else "https://[address]"


def _names() -> list[tuple[re.Pattern[str], str]]:
    """Patterns of this machine's host name, user name and home folder."""
    host, home = socket.gethostname(), str(Path.home())
    user = os.environ.get("USER") or os.environ.get("LOGNAME") or ""
    names = [(re.compile(rf"{re.escape(home)}(?=[/\s:'\"]|$)"), HOME)] if len(home) > 1 else []
    if len(host) > 3 and host not in ("localhost",):
        names.append((re.compile(rf"(?<![\w.-]){re.escape(host)}(?![\w-])"), "[host]"))
    if len(user) > 3 and user not in ("root", "user"):
        names.append((re.compile(rf"(?<![\w.-]){re.escape(user)}(?![\w-])"), "you"))
    return names
