"""The files of the built site: nothing of this machine, no registry, nothing to load from elsewhere, nothing heavy."""

import gzip
import re

from test_guard import local_texts, registries_in

from .building import ROOT
from .conftest import Site

_OWN = (".html", ".css", ".js", ".json", ".svg", ".xml", ".md", ".txt")


def _texts(site: Site) -> dict[str, str]:
    found = {path.relative_to(site.folder).as_posix(): path.read_text("utf-8") for path in site.folder.rglob("*") if path.suffix in _OWN}
    assert len(found) > 10
    return found


def test_no_file_names_a_registry(real: Site) -> None:
    assert not {name: hosts for name, text in _texts(real).items() if (hosts := registries_in(text))}


def test_no_file_names_a_path_or_the_name_of_this_machine(real: Site) -> None:
    local = [*local_texts(), str(real.folder), str(real.project.root)]
    patterns = [re.compile(rf"(?<![\w./-]){re.escape(each)}(?![\w-])") for each in local]
    assert not [(name, each.pattern) for name, text in _texts(real).items() for each in patterns if each.search(text)]


def test_pages_load_nothing_from_elsewhere(real: Site) -> None:
    loads = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=\"((?:https?:)?//[^\"]+)")
    assert not {name: found for name, text in _texts(real).items() if name.endswith(".html") and (found := loads.findall(text))}


def test_the_scripts_of_every_page_are_small() -> None:
    assert sum((ROOT / f"docs/assets/javascripts/{name}.js").stat().st_size for name in ("provenv", "search")) < 6144


def test_no_page_is_heavy(real: Site) -> None:
    heavy = {
        name: size for name, text in _texts(real).items() if name.endswith(".html") and (size := len(gzip.compress(text.encode()))) > 60_000
    }
    assert not heavy
