"""Nothing personal or local passes the scrubber; what a reader needs does."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenv import scrub
from provenv.scrub import HOME, SECRET, Scrubber, host_secrets

TOKENS = [
    "ghp_" + "a1B2" * 9,
    "gho_" + "a1B2" * 9,
    "github_pat_" + "a1B2_" * 9,
    "glpat-" + "a1B2-" * 5,
    "pypi-" + "AgEN" + "dGVz" * 9,
    "hf_" + "aBcD" * 9,
    "sk-" + "proj-" + "aB12" * 9,
    "AKIA" + "ABCD1234" * 2,
    "xoxb-" + "1234567890-abc",
    "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxIn0" + ".abc_def-123",
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "token is {}.", '"{}"', "'{}',", "X={}", "x/{}/y", "a\n{}\nb"])
def test_a_token_is_taken_out_wherever_it_stands(token: str, around: str):
    out = Scrubber({})(around.format(token))
    assert token not in out
    assert SECRET in out


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("http://robot:hunter22@index.example/simple", "hunter22"),
        ("http://robot:hunter22@index.example/simple", "robot"),
        ("https://hunter22@index.example/simple", "hunter22"),
        ("git+ssh://git:hunter22@code.example/x.git", "hunter22"),
        ("postgres://robot:hunter22@db/x", "hunter22"),
        ("https://robot:hunter%4022@index.example", "hunter"),
        ("password=hunter22", "hunter22"),
        ("PASSWORD: hunter22", "hunter22"),
        ('"api_key": "hunter22"', "hunter22"),
        ("api-key = 'hunter22'", "hunter22"),
        ("MY_SECRET=hunter22 next", "hunter22"),
        ("https://x.example/?token=hunter22&a=b", "hunter22"),
        ("--passwd=hunter22", "hunter22"),
    ],
)
def test_credentials_are_taken_out(text: str, secret: str):
    assert secret not in Scrubber({})(text)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000/simple/x",
        "https://index.corp.example/simple/",
        "https://files.example/a/b.whl#sha256=0",
        "http://localhost:3141/team/pypi",
        "https://robot:hunter22@index.corp.example/simple",
        "https://robot:a)b@index.corp.example/simple",
    ],
)
def test_an_address_is_private_unless_it_is_public_documentation(address: str):
    out = Scrubber({})(f"Looking in indexes: {address}\nFrom <{address}>, ({address})")
    assert address.split("/")[2].partition("@")[2].split(":")[0] not in out or "@" not in address
    assert address.split("/")[2].split(":", maxsplit=1)[0] not in out
    assert out.count("[address]") == 3


def test_an_address_with_a_known_secret_in_it_is_still_private():
    assert "corp" not in Scrubber({}, ["hunter22"])("https://robot:hunter22@index.corp.example/simple/hunter22/x")


def test_addresses_of_public_documentation_stay():
    for host in scrub.PUBLIC:
        text = f"see https://{host}/en/latest/ (https://{host}:443/x)"
        assert Scrubber({})(text) == text


def test_an_address_that_nobody_can_have_stays():
    text = "Looking in indexes: https://packages.invalid/simple/ (host='packages.invalid', port=443): Failed to resolve 'packages.invalid'"
    assert Scrubber({})(text) == text


@pytest.mark.parametrize(
    "host",
    [
        "docs.python.org.evil.example",
        "evil-docs.python.org",
        "docs.python.org@evil.example",
        "docs.python.org:443@evil.example",
        "evil.invalid.example",
        "evil@packages.invalid",
        "evil:evil@packages.invalid",
        "packages.invalid@evil.example",
        "packages.invalid:443@evil.example",
    ],
)
def test_an_address_that_only_looks_public_is_private(host: str):
    assert "evil" not in Scrubber({})(f"https://{host}/x")


def test_a_path_is_shown_as_what_a_reader_has(tmp_path: Path):
    home = tmp_path / "home"
    clean = Scrubber({home: HOME, home / "deep": "/usr/local", tmp_path / "tmp": "/tmp"})
    text = f"{home}/x {home}: '{home}' {home}/deep/bin {home}/deeper file://{home}/y\n{tmp_path}/tmp/z {home}2 {home}-2"
    assert clean(text) == f"/home/you/x /home/you: '/home/you' /usr/local/bin /home/you/deeper file:///home/you/y\n/tmp/z {home}2 {home}-2"


def test_a_path_is_also_known_by_what_its_links_lead_to(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert Scrubber({tmp_path / "link": "/shown"})(f"{tmp_path}/real/x {tmp_path}/link/x") == "/shown/x /shown/x"


def test_known_secrets_are_taken_out_whatever_they_look_like():
    secrets = ["plain-word", "plain-word-longer", "with (regex)?", "abc", ""]
    assert Scrubber({}, secrets)("a plain-word-longer plain-word with (regex)? abc") == f"a {SECRET} {SECRET} {SECRET} abc"


@given(st.text(min_size=4), st.text(), st.text())
def test_a_known_secret_is_in_no_text(secret: str, before: str, after: str):
    out = Scrubber({}, [secret])(before + secret + after)
    assert secret not in out or secret in SECRET


@given(st.text(st.characters(codec="ascii", exclude_characters=":/=@"), max_size=200))
def test_ordinary_text_stays(text: str):
    assert Scrubber({Path("/no/such/folder"): "x"}, ["no such secret"])(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Successfully installed numpy-2.4.0",
        "tokens: 12",
        "https://docs.python.org/3/library/venv.html",
        "sha256:" + "ab" * 32,
        "a@b and user@host",
        "skip-this-sk-one",
        "password:",
        'File "<string>", line 1',
    ],
)
def test_what_a_reader_needs_stays(text: str):
    assert Scrubber({})(text) == text


def test_the_names_of_this_machine_and_its_user_are_taken_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "build-box-17")
    monkeypatch.setenv("USER", "marlene")
    monkeypatch.setenv("HOME", "/home/marlene")
    out = Scrubber({})("on build-box-17: marlene in /home/marlene/src; 'marlene'@build-box-17. marlenes build-box-171")
    assert out == "on [host]: you in /home/you/src; 'you'@[host]. marlenes build-box-171"


def test_names_that_are_common_words_stay(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "localhost")
    monkeypatch.setenv("USER", "root")
    monkeypatch.setenv("HOME", "/")
    text = "root at localhost in / and /usr"
    assert Scrubber({})(text) == text


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without secrets of its own."""
    for name in list(os.environ):
        if scrub._SECRET_NAME.search(name):
            monkeypatch.delenv(name)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")] + ["PROVENV_INDEX_URL"]:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_secrets_of_the_host_are_known_by_the_names_of_their_variables(bare: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("FOO_TOKEN", "DB_PASSWORD", "aws_secret_access_key", "OPENAI_API_KEY", "APIKEY", "MY_CREDENTIALS", "PASSWD"):
        bare.setenv(name, f"value-of-{name}")
    bare.setenv("EDITOR", "no secret")
    bare.setenv("EMPTY_TOKEN", "")
    bare.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))
    assert sorted(host_secrets()) == sorted(
        f"value-of-{name}"
        for name in ("FOO_TOKEN", "DB_PASSWORD", "aws_secret_access_key", "OPENAI_API_KEY", "APIKEY", "MY_CREDENTIALS", "PASSWD")
    )


@pytest.mark.parametrize("value", ["x" * 300, "eyJ" + "a" * 2000, '{"type": "service_account", "key": "' + "k" * 3000 + '"}', "a/" * 3000])
def test_a_secret_that_is_too_long_for_a_file_name_is_a_secret(bare: pytest.MonkeyPatch, value: str):
    bare.setenv("ID_TOKEN", value)
    assert host_secrets() == [value]


def test_the_user_password_and_host_of_the_given_index_are_secrets(bare: pytest.MonkeyPatch):
    bare.setenv("PROVENV_INDEX_URL", "https://robot17:hunter22@wheels.corp.example:8443/simple")
    out = Scrubber({}, host_secrets())("HTTPSConnectionPool(host='wheels.corp.example', port=8443): robot17 hunter22")
    assert not [word for word in ("wheels.corp", "robot17", "hunter22") if word in out]


@pytest.mark.parametrize("address", ["http://robot17:hunter%4022@gate.corp.example:3128", "robot17:hunter%4022@gate.corp.example:3128"])
def test_the_user_password_and_host_of_a_proxy_are_secrets(bare: pytest.MonkeyPatch, address: str):
    bare.setenv("https_proxy", address)
    out = Scrubber({}, host_secrets())("ProxyError('gate.corp.example'): robot17 hunter%4022 hunter@22")
    assert out == f"ProxyError('{SECRET}'): {SECRET} {SECRET} {SECRET}"


@pytest.mark.parametrize("value", ["true", "false", "none", "0600", "required"])
def test_a_setting_that_is_no_secret_does_not_blot_out_words(bare: pytest.MonkeyPatch, value: str):
    """`DISABLE_PASSWORD_PROMPT=true` on the host must not turn each `true` of an output into a secret."""
    bare.setenv("DISABLE_PASSWORD_PROMPT", value)
    assert Scrubber({}, host_secrets())(f"it is {value}") == f"it is {value}"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            "HTTPSConnectionPool(host='pkgs.corp.example', port=443): Read timed out.",
            "HTTPSConnectionPool(host='[address]', port=443): Read timed out.",
        ),
        ("Failed to resolve 'pkgs.corp.example' (Errno -3)", "Failed to resolve '[address]' (Errno -3)"),
        ("dial tcp: lookup images.corp.example on 10.0.0.1:53: no such host", "dial tcp: lookup [address] on 10.0.0.1:53: no such host"),
        ("curl: (6) Could not resolve host: pkgs.corp.example", "curl: (6) Could not resolve host: [address]"),
        ("mirror.corp.example_debian_dists_trixie_main_binary-amd64_Packages", "[address]_debian_dists_trixie_main_binary-amd64_Packages"),
        ("host='localhost'", "host='localhost'"),
        ("docker.io lookup table, resolve it", "docker.io lookup table, resolve it"),
    ],
)
def test_a_host_in_a_message_is_not_told(told: str, shown: str):
    assert Scrubber({})(told) == shown
