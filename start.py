"""Sets Provenv up on a machine that has Python 3.11 or newer, then runs nox sessions: `python3 start.py tests`.

Makes `.venv` from the locked, hashed requirements (again when the lock changed) and touches nothing else on the machine.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements" / "dev.txt"
STAMP = VENV / "locked-by"
PYTHON = VENV / "bin" / "python"


def main() -> int:
    """Make the environment if needed and run the sessions that were named; gives nox's exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this very check tells people so)
        return refuse(f"this is Python {sys.version.split()[0]}; run start.py with Python 3.11 or newer")
    if not sys.argv[1:]:
        return refuse("name a nox session, as in `python3 start.py tests`; `python3 start.py --list` lists them")
    wanted = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if not STAMP.is_file() or STAMP.read_text() != wanted:
        try:
            make()
        except subprocess.CalledProcessError as error:
            return refuse(f"`{' '.join(map(str, error.cmd))}` ended with exit code {error.returncode}; its output above says why")
        STAMP.write_text(wanted)
    named = sys.argv[1:] if sys.argv[1].startswith("-") else ["-s", *sys.argv[1:]]
    return nox(named)


def nox(arguments: list[str]) -> int:
    """Run nox to its end; gives its exit code. A SIGTERM ends what nox runs, as Ctrl-C does."""
    with subprocess.Popen([PYTHON, "-m", "nox", *arguments], cwd=ROOT) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
        try:
            return process.wait()
        except KeyboardInterrupt:  # nox was told, too
            return process.wait()


def make() -> None:
    """Make `.venv` anew and install the locked requirements and Provenv itself into it."""
    print("start.py: making .venv from requirements/dev.txt", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        # Debian keeps ensurepip in a package of its own; pip itself, where it is there, can install into the environment instead.
        shutil.rmtree(VENV, ignore_errors=True)
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
        with_pip = subprocess.run([sys.executable, "-m", "pip", "--python", PYTHON, "install", "-q", "pip"], check=False)
        if with_pip.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit(
                refuse("this Python can make no environment with pip; on Debian or Ubuntu, `apt install python3-venv`, then try again")
            )
    install = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    run(*install, "--require-hashes", "--only-binary", ":all:", "-r", LOCK)
    run(*install, "--no-build-isolation", "--editable", ROOT)


def run(*command: str | Path) -> None:
    """Run a command of the set-up; raises `CalledProcessError`."""
    subprocess.run(command, check=True, env={**os.environ, "PYTHONNOUSERSITE": "1"})


def refuse(sentence: str) -> int:
    """Say why nothing can be done; gives the exit code 2."""
    print(f"start.py: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
