"""The container lane on a real engine."""

import json
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Place, ended, step
from container.conftest import BASE, Daemon, readme, state
from provenv import layers, sandbox
from provenv.engine import Engine
from provenv.errors import NotRun
from provenv.lanes.container import make_stand_ins
from provenv.proof import required
from provenv.prove import Conditions, Run, follow

DOCKERFILE = f"FROM {BASE}\nCOPY a.txt /a.txt\nRUN cat /a.txt > /b.txt\n"


def run(place: Place, body: str, caches: Path, slug: str = "boxes", dockerfile: str = DOCKERFILE, **changes: str) -> Run:
    recipe = place.recipe(slug, readme(body, **changes), Dockerfile=dockerfile, **{"a.txt": "one\n"})
    return follow(recipe, required(recipe)[0], Conditions(caches=caches))


def until(found: Callable[[], object], seconds: float = 60) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


# --- what a proof holds ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("untouched")
def test_builds_are_cold_at_first_and_warm_after_a_change(place: Place, caches: Path):
    body = step("$ docker build -t boxes .\n...\n$ docker build -t boxes .\n...\n$ echo two > a.txt\n$ docker build -t boxes .\n...")
    for _ in range(2):  # a second run finds nothing of the first one's
        result = run(place, body, caches)
        assert result.proof.failure is None, result.diff
        assert [(build.steps, build.cached) for build in result.proof.containers.builds] == [(2, 0), (2, 2), (2, 0)]


@pytest.mark.usefixtures("untouched")
def test_a_proof_tells_engine_images_layers_and_what_stood_in(place: Place, caches: Path, docker: Engine):
    proof = run(place, step("$ docker build -q -t boxes .\nsha256:[..]"), caches).proof
    assert proof.containers.engine == str(docker)
    (image,) = proof.containers.images
    assert (image.name, image.user) == ("boxes:latest", "root")
    assert [layer.made_by for layer in image.layers] == ["the base image", "COPY a.txt /a.txt", "RUN cat /a.txt > /b.txt"]
    assert image.bytes == sum(layer.bytes for layer in image.layers)
    assert [layer.bytes for layer in image.layers[1:]] == [4, 4]
    if proof.stand_ins:  # where no registry is reached
        assert proof.stand_ins == [f"{BASE}: Debian trixie, made with mmdebstrap"]


@pytest.mark.usefixtures("untouched")
def test_a_proof_names_what_an_image_holds_of_python(place: Place, caches: Path):
    dockerfile = (
        "FROM python:3.13-slim\nRUN python -m venv --without-pip /opt/venv && pip --python /opt/venv/bin/python install six==1.17.0\n"
    )
    proof = run(place, step("$ docker build -q -t boxes .\nsha256:[..]"), caches, dockerfile=dockerfile).proof
    assert proof.interpreter.startswith("3.13.")
    assert [each.path for each in proof.environments] == ["boxes:latest:/opt/venv/lib/python3.13/site-packages"]
    assert [(package.name, package.version) for package in proof.environments[0].packages] == [("six", "1.17.0")]


@pytest.mark.usefixtures("untouched")
def test_pip_in_a_build_sees_the_index_of_the_freeze_date(place: Place, caches: Path):
    dockerfile = "FROM python:3.13-slim\nRUN pip install --no-cache-dir --root-user-action=ignore certifi\n"
    body = step("$ docker build -q -t boxes .\nsha256:[..]\n$ docker run --rm boxes pip list --format freeze\ncertifi==2024.8.30\n...")
    result = run(place, body, caches, dockerfile=dockerfile, as_of="2024-11-15")
    assert result.proof.failure is None, result.diff


@pytest.mark.usefixtures("untouched")
def test_everything_that_a_run_makes_carries_its_label(place: Place, caches: Path, docker: Engine):
    compose = "services:\n  api:\n    build: .\n    command: sleep 60\n    volumes: [data:/data]\nvolumes:\n  data:\n"
    body = step(
        "$ docker build -q -t boxes .\n...\n$ docker volume create boxes-more\n...\n$ docker network create boxes-net\n...\n"
        "$ docker run -d --name boxes-one boxes sleep 60\n...\n$ docker compose up -d 2>&1\n...\n$ touch ../../made; until test -e ../../seen; do sleep 0.1; done"
    )
    recipe = place.recipe("boxes", readme(body), Dockerfile=DOCKERFILE, **{"a.txt": "one\n", "compose.yaml": compose})
    found: dict[str, list[str]] = {}

    def look() -> None:
        (made,) = until(lambda: list(place.temporary.glob("provenv-*/made")))
        found.update(docker.made(made.parent.name))
        (made.parent / "seen").touch()

    before = state(docker)
    thread = threading.Thread(target=look)
    thread.start()
    result = follow(recipe, required(recipe)[0], Conditions(caches=caches))
    thread.join()
    assert result.proof.failure is None, result.diff
    assert {kind: len(ids) for kind, ids in found.items()} == {"container": 2, "image": 3, "network": 2, "volume": 2}
    assert state(docker) == before


def test_with_the_stand_ins_made_a_run_adds_no_image_at_all(place: Place, caches: Path, docker: Engine):
    body = step("$ docker build -q -t boxes .\n...")
    recipe = place.recipe("boxes", readme(body), Dockerfile=DOCKERFILE, **{"a.txt": "one\n"})
    for _ in range(2):  # the second time they are there
        for sentence in make_stand_ins([recipe], caches):
            assert sentence == f"{BASE}: Debian trixie, made with mmdebstrap"
    listed = ("image", "ls", "-a", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")
    before = docker.call(*listed)
    assert follow(recipe, required(recipe)[0], Conditions(caches=caches)).proof.failure is None
    assert docker.call(*listed) == before


def test_a_look_into_an_image_leaves_no_layer_mounted(docker: Engine, caches: Path, tmp_path: Path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    docker.call("build", "-q", "-t", "boxes-look", str(tmp_path))
    try:
        before = Path("/proc/mounts").read_text().count("overlay2")
        for _ in range(3):
            docker._copied_contents("boxes-look")
        assert Path("/proc/mounts").read_text().count("overlay2") == before
    finally:
        docker.call("image", "rm", "boxes-look")


STACKED = f"""FROM {BASE}
WORKDIR /usr/lib/python3/site-packages
RUN for each in gone kept moved below linked; do mkdir -p $each-1.dist-info && printf "Name: $each\\nVersion: 1\\n" >$each-1.dist-info/METADATA; done
RUN rm -r gone-1.dist-info linked-1.dist-info && ln -s kept-1.dist-info linked-1.dist-info
RUN mv moved-1.dist-info again-1.dist-info && cp -r below-1.dist-info /tmp && rm -r below-1.dist-info && mkdir below-1.dist-info
RUN mkdir -p /opt/venv/lib/python3.13/site-packages && cp -r kept-1.dist-info again-1.dist-info /opt/venv/lib/python3.13/site-packages \
    && echo '{{}}' >/opt/venv/lib/python3.13/site-packages/again-1.dist-info/direct_url.json
"""


def test_an_image_holds_the_same_whether_its_layers_or_a_copy_are_read(docker: Engine, caches: Path, place: Place, tmp_path: Path):
    make_stand_ins([place.recipe("boxes", readme(step("$ true")), Dockerfile=DOCKERFILE)], caches)
    (tmp_path / "Dockerfile").write_text(STACKED)
    stand_in = docker.call("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", f"provenv-stand-in/{BASE}").strip()
    docker.call("build", "-q", "-t", "boxes-look", "--build-context", f"{BASE}=docker-image://{stand_in}", str(tmp_path))
    try:
        [told] = json.loads(docker.call("image", "inspect", "boxes-look"))
        assert layers.of(told), "this engine keeps its layers where the test cannot read them"
        found = docker.contents("boxes-look")
        assert found == docker._copied_contents("boxes-look")
        held = {folder: [each.name for each in packages] for folder, packages in found.distributions.items()}
        assert held["/usr/lib/python3/site-packages"] == ["kept", "moved"]
        assert [each.local for each in found.distributions["/opt/venv/lib/python3.13/site-packages"]] == [False, True]
    finally:
        docker.call("image", "rm", "boxes-look")


# --- what goes wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("untouched")
def test_a_failing_step_leaves_nothing_behind(place: Place, caches: Path):
    body = step("$ docker build -q -t boxes .\n...\n$ docker run -d --name boxes-one boxes sleep 600\n...\n$ false")
    assert run(place, body, caches).proof.failure.sentence == "`false` ended with exit code 1, expected 0"


@pytest.mark.usefixtures("untouched")
def test_a_step_that_hangs_in_a_container_ends_it(place: Place, caches: Path):
    body = step("$ docker build -q -t boxes .\n...\n$ docker run boxes sleep 600", 'id="first" timeout="8"')
    assert "did not end within" in run(place, body, caches).proof.failure.sentence


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing_behind(place: Place, docker: Engine, number: signal.Signals):
    body = step("$ docker build -q -t boxes .\n...\n$ docker run --name boxes-one boxes sleep 600")
    place.write("boxes", readme(body), Dockerfile=DOCKERFILE, **{"a.txt": "one\n"})
    place.write("quick", step("$ true"))
    caches, before = str(sandbox.cache_folder()), state(docker)
    process = place.start("prove", "boxes", PROVENV_CACHE=caches)
    until(lambda: docker.call("container", "ls", "-q", "--filter", "name=boxes-one", "--filter", "status=running"))
    process.send_signal(number)
    code = ended(process).code
    assert place.proofs("boxes") == []
    if number == signal.SIGKILL:  # then the next run clears away
        assert docker.call("container", "ls", "-q", "--filter", "name=boxes-one")
        assert place.provenv("prove", "quick", PROVENV_CACHE=caches).code == 0
    else:
        assert code == 2
    after = state(docker)
    if number == signal.SIGKILL:  # what it had in the build cache is left to the engine, which cannot tell it from yours
        del before["cache"], after["cache"]
    assert after == before


@pytest.mark.usefixtures("untouched")
def test_an_image_of_another_name_is_refused(place: Place, caches: Path):
    with pytest.raises(NotRun, match=r"`api` does not bear the recipe's name; tag it `boxes`"):
        run(place, step("$ docker build -t api ."), caches)


def test_an_image_that_the_run_did_not_make_is_not_overwritten(place: Place, caches: Path, docker: Engine, tmp_path: Path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\nLABEL mine=yes\n")
    docker.call("build", "-q", "-t", "boxes-mine", str(tmp_path))
    before = docker.call("image", "inspect", "--format", "{{.Id}}", "boxes-mine")
    try:
        with pytest.raises(NotRun, match="an image `boxes-mine` that this run did not make"):
            run(place, step("$ docker build -t boxes-mine ."), caches)
        assert docker.call("image", "inspect", "--format", "{{.Id}}", "boxes-mine") == before
    finally:
        docker.call("image", "rm", "boxes-mine")


@pytest.mark.usefixtures("untouched")
def test_a_base_image_that_is_not_to_be_had_is_not_run(place: Place, caches: Path):
    with pytest.raises(NotRun, match=r"`example\.invalid/none:1` is not to be had"):
        run(place, step("$ docker build -t boxes .", 'id="first" exit="125"'), caches, dockerfile="FROM example.invalid/none:1\n")


@pytest.mark.usefixtures("untouched")
def test_a_syntax_line_without_a_registry_is_not_run(place: Place, caches: Path):
    with pytest.raises(NotRun, match="fetches an image, and no registry is reached"):
        run(place, step("$ docker build -t boxes ."), caches, dockerfile="# syntax=example.invalid/dockerfile:1\n" + DOCKERFILE)


@pytest.mark.usefixtures("untouched")
def test_an_engine_older_than_the_recipe_needs_is_not_run(place: Place, caches: Path):
    with pytest.raises(NotRun, match=r"needs Docker Engine 999\.1 or newer, and this machine has Docker Engine .*; upgrade it"):
        run(place, step("$ docker version"), caches, engines='{docker: "999.1"}')


def test_an_engine_that_does_not_answer_is_not_run(place: Place, caches: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place.root}/none.sock")
    with pytest.raises(NotRun, match="the docker command is here, but its engine does not answer; start it"):
        run(place, step("$ docker version"), caches)


def test_a_machine_without_an_engine_is_not_run(place: Place, caches: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(place.root))
    with pytest.raises(NotRun, match=r"no container engine on this machine; install Docker Engine 23\.0 or newer"):
        run(place, step("$ docker version"), caches)


def test_an_engine_that_is_killed_during_a_build_is_not_run(
    place: Place, caches: Path, own_daemon: Daemon, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{own_daemon.socket}")
    dockerfile = f"FROM {BASE}\nRUN --network=none echo it runs; sleep 60\n"
    body = step("$ docker build -t boxes . 2>&1 | tee ../../log\n...", 'id="first" exit="1"')

    def kill() -> None:
        until(lambda: any("it runs" in log.read_text().split("sleep 60")[-1] for log in place.temporary.glob("provenv-*/log")))
        own_daemon.kill()

    thread = threading.Thread(target=kill)
    thread.start()
    with pytest.raises(NotRun, match="the engine"):
        run(place, body, caches, dockerfile=dockerfile)
    thread.join()


def test_a_full_disk_of_the_engine_is_not_run(place: Place, caches: Path, own_daemon: Daemon, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{own_daemon.socket}")
    body = step("$ head -c 500000000 /dev/urandom > big\n$ docker build -t boxes .\n...", 'id="first" exit="1"')
    with pytest.raises(NotRun, match="no space is left on the engine's disk"):
        run(place, body, caches, dockerfile="FROM scratch\nCOPY big /big\n")
