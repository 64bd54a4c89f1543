"""The `docker` of a scenario: the engine's own command, told what the run needs and the reader's command does not say.

It adds the run's label to what a command makes, and to a build the place of each base image. All that it adds is told in the proof.
It is started for each command, so it imports little, and what builds need only for these.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from provenv.errors import NotRun

REFUSED = 125
"""Exit code of the docker command for what the engine itself refuses."""
STATE = "docker.json"
"""Name of the file in the folder of a run that tells the client of it."""
_GLOBAL_WITH_VALUE = ("-c", "--context", "-H", "--host", "-l", "--log-level", "--config")
_MANAGEMENT = ("buildx", "builder", "container", "image", "network", "volume")
_BUILD = ("build", "buildx build", "builder build", "image build")
_LABELLED = ("run", "create", "container run", "container create", "volume create", "network create")


@dataclass(frozen=True)
class State:
    """What the lane tells the client, as a JSON file."""

    program: str
    kind: str
    version: str
    host: str
    mark: str
    label: str
    """What marks all that the run makes on the engine, as `name=value`."""
    slug: str
    as_of: str
    """ISO date at which the index is held, empty if it is not."""
    caches: str
    folder: str
    """Folder of the run for what the client writes."""
    known_host: str = ""
    """Name and address of a stand-in for a server that builds use, empty if there is none."""
    authority: str = ""
    """Certificate of the authority that vouches for it."""

    @property
    def events(self) -> Path:
        return Path(self.folder, "docker.jsonl")

    def save(self) -> Path:
        path = Path(self.folder, STATE)
        path.write_text(json.dumps(asdict(self)))
        return path


def main(arguments: Sequence[str]) -> int:
    """Run one docker command for the run whose state the first argument names; gives its exit code."""
    state = State(**json.loads(Path(arguments[0]).read_text()))
    words = list(arguments[1:])
    try:
        at = _subcommand(words)
        name = words[at] if at < len(words) else ""
        if name in _MANAGEMENT and at + 1 < len(words):
            at += 1
            name = f"{name} {words[at]}"
        if name in _BUILD or name == "compose":
            from provenv import docker_build

            return (docker_build.compose if name == "compose" else docker_build.build)(state, words, at + 1)
        if name in _LABELLED:
            words[at + 1 : at + 1] = ["--label", state.label]
        return replace_self(state, words)
    except NotRun as reason:
        tell(state, {"not-run": str(reason)})
        print(f"docker: {reason}", file=sys.stderr)
        return REFUSED


def _subcommand(words: Sequence[str]) -> int:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _GLOBAL_WITH_VALUE else 1
    return at


def replace_self(state: State, words: Sequence[str]) -> int:
    """Become the engine's own command."""
    os.execv(state.program, ["docker", *words])  # noqa: S606 (no shell is wanted)


def tell(state: State, event: Mapping[str, object]) -> None:
    """Note what the proof is to hold."""
    with state.events.open("a") as file:
        file.write(json.dumps(event) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
