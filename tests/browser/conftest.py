"""A browser, the built sites, and pages that fail a test for any error in the console and any request that leaves the machine."""

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from provenv.project import Project, find

from . import building

_CHROMIUM = shutil.which("chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@dataclass(frozen=True)
class Site:
    """A built site, as files and behind a server on this machine."""

    project: Project
    folder: Path
    address: str

    def file(self, page: str) -> str:
        return (self.folder / page).as_uri()

    def http(self, page: str) -> str:
        return f"{self.address}/{page}"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def _served(made: Project, folder: Path) -> Iterator[Site]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(made, folder, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The project's own site, built from a copy."""
    folder = tmp_path_factory.mktemp("real") / "project"
    building.copy_real(folder)
    yield from _served(find(folder), building.build(folder))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A small site, with a proof of every outcome."""
    made = building.write_small(tmp_path_factory.mktemp("small") / "project")
    yield from _served(made, building.build(made.root))


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """The folder of a small project that is not built, for a test to damage."""
    return building.write_small(tmp_path / "project").root


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests."""
    assert _CHROMIUM, "no chromium on this machine; install it"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
        yield launched
        launched.close()


class Watch:
    """What a page complained of, and what it asked of other machines."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []

    def over(self, page: Page) -> Page:
        """Watch a page from now on."""
        page.on("console", lambda message: self.errors.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", lambda request: self.errors.append(f"failed: {request.url}"))
        page.on("request", lambda request: self.requests.append(request.url))
        return page

    @property
    def outside(self) -> list[str]:
        own = ("file://", "data:", "blob:", "about:", "http://127.0.0.1:")
        return [url for url in self.requests if not url.startswith(own)]


Open = Callable[..., Page]


@pytest.fixture
def watch() -> Watch:
    """What the pages of this test did; it must stay empty."""
    return Watch()


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[Open]:
    """Opens an address in a fresh context; keywords are those of `Browser.new_context`, `before` gets the page first."""
    contexts: list[BrowserContext] = []

    def opened(address: str, before: Callable[[Page], None] = lambda page: None, **options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = watch.over(context.new_page())
        before(page)
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not watch.errors
    assert not watch.outside


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
