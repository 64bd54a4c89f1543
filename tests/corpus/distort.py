"""Damages a paste as mail, chat, build logs, terminals and hurried people do.

The telling line survives: a damage may break, decorate or translate it, but none takes it away.
"""

import random
import re
import textwrap
from collections.abc import Callable

TELLING = re.compile(
    r"^\s*(E\s+)?([\w.]*(Error|Exception|Interrupt)\b:?|error\b|ERROR\b|fatal\b|CONFLICT\b|WARNING: Ignoring|OMP: Error|panic:|nginx:)"
    r"|(No such file|no such file|not found|cannot execute|exec format error|does not exist|unsatisfiable|Segmentation fault)"
)
"""Looks like the line that says what is wrong."""

SHELL = re.compile(r"^(.*\b(?:bash|zsh|sh): )", re.MULTILINE)
"""A message that comes from the shell, which speaks the language of its user."""

WORDS = {
    "German": {
        "Segmentation fault (core dumped)": "Speicherzugriffsfehler (Speicherabzug geschrieben)",
        "cannot execute: required file not found": "Ausführung nicht möglich: Erforderliche Datei wurde nicht gefunden.",
        "bad interpreter: No such file or directory": "Defekter Interpreter: Datei oder Verzeichnis nicht gefunden",
        "No such file or directory": "Datei oder Verzeichnis nicht gefunden",
        "command not found": "Kommando nicht gefunden.",
        "Permission denied": "Keine Berechtigung",
    },
    "French": {
        "Segmentation fault (core dumped)": "Erreur de segmentation (core dumped)",
        "cannot execute: required file not found": "ne peut exécuter : le fichier requis n'a pas été trouvé",
        "bad interpreter: No such file or directory": "mauvais interpréteur: Aucun fichier ou dossier de ce nom",
        "No such file or directory": "Aucun fichier ou dossier de ce nom",
        "command not found": "commande introuvable",
        "Permission denied": "Permission non accordée",
    },
}
"""What a shell says, by language; the longer of two that begin alike comes first."""

PROMPTS = ("you@host:~/project$ ", "$ ", "(venv) you@host ~ % ", "PS C:\\Users\\you\\project> ", "user@container:/app# ")
COMMANDS = ("python main.py", "make run", "./run.sh", "python -m project.train", "docker compose up app")

OTHERS = (
    "KeyError: 'batch_id'",
    'Traceback (most recent call last):\n  File "/home/you/tools/watch.py", line 8, in <module>\n    main()\nKeyboardInterrupt',
    "curl: (6) Could not resolve host: metrics.example.org",
    "CONFLICT (content): Merge conflict in docs/notes.md\nAutomatic merge failed; fix conflicts and then commit the result.",
    'npm error Missing script: "build"\nnpm error To see a list of scripts, run:\nnpm error   npm run',
    "ValueError: invalid literal for int() with base 10: 'abc'",
    "make: *** No rule to make target 'lint'.  Stop.",
)
"""Errors that have nothing to do with packages, from the same afternoon in the same terminal."""


def telling(text: str) -> str:
    """The line of a paste that says what is wrong: the last one that looks so, else the last one."""
    lines = [line for line in text.splitlines() if line.strip()]
    return next((line.strip() for line in reversed(lines) if TELLING.search(line)), lines[-1].strip() if lines else "")


def cut(text: str, chance: random.Random, keep: str) -> str:
    """Take away up to 40 % of the lines, at the start or at the end, and never those that hold what is to be kept."""
    lines = text.splitlines()
    least = max(1, -(-len(lines) * 3 // 5))
    count = chance.randint(least, len(lines))
    shorter = lines[-count:] if chance.random() < 0.5 else lines[:count]
    return "\n".join(shorter) if keep in "\n".join(shorter) else text


def wrap(text: str, chance: random.Random, keep: str) -> str:
    """Break each line where a terminal of 60 to 80 columns does, inside words."""
    width = chance.randint(60, 80)
    return "\n".join(line[i : i + width] for line in text.splitlines() for i in range(0, max(len(line), 1), width))


def colours(text: str, chance: random.Random, keep: str) -> str:
    """Colour some lines, and the first word of others, as tools do on a terminal."""

    def painted(line: str) -> str:
        code = chance.choice(("31", "1;31", "33", "36", "90", "38;5;203"))
        if chance.random() < 0.4:
            return f"\x1b[{code}m{line}\x1b[0m"
        head, colon, tail = line.partition(":")
        return f"\x1b[1m\x1b[{code}m{head}{colon}\x1b[0m{tail}" if colon else line

    return "\n".join(painted(line) for line in text.splitlines())


def stamps(text: str, chance: random.Random, keep: str) -> str:
    """Put the time before each line, in one of the ways of CI services and loggers."""
    style = chance.choice(
        ("{:04d}-11-{:02d}T{:02d}:{:02d}:{:02d}.{:07d}Z ", "{:04d}-11-{:02d} {:02d}:{:02d}:{:02d},{:03d} ", "[{2:02d}:{3:02d}:{4:02d}] ")
    )
    day, hour, minute = chance.randint(1, 28), chance.randint(0, 23), chance.randint(0, 59)
    fraction = 999 if ",{" in style else 9999999
    return "\n".join(
        style.format(2026, day, hour, minute, min(i, 59), chance.randint(0, fraction)) + line for i, line in enumerate(text.splitlines())
    )


def build_log(text: str, chance: random.Random, keep: str) -> str:
    """Put a step's number and its seconds before each line, as a build of an image does."""
    step, second = chance.randint(5, 30), chance.uniform(0.3, 90)
    return "\n".join(f"#{step} {second + i * 0.011:.3f} {line}" for i, line in enumerate(text.splitlines()))


def box(text: str, chance: random.Random, keep: str) -> str:
    """Draw a frame around it, as a tool with a fancy terminal does."""
    corners, side = chance.choice((("╭─╮╰╯", "│"), ("┌─┐└┘", "│"), ("+-++", "|")))
    lines = [part for line in text.splitlines() for part in (textwrap.wrap(line, 100, drop_whitespace=False) or [""])]
    width = max(map(len, lines), default=0)
    left, bar, right = corners[0], corners[1], corners[2]
    low_left, low_right = (corners[3], corners[4]) if len(corners) > 4 else (corners[0], corners[0])
    inner = [f"{side} {line.ljust(width)} {side}" for line in lines]
    return "\n".join([left + bar * (width + 2) + right, *inner, low_left + bar * (width + 2) + low_right])


def quoted(text: str, chance: random.Random, keep: str) -> str:
    """Quote it as a mail does, once or twice."""
    mark = chance.choice(("> ", "> > ", ">"))
    return "\n".join(mark + line for line in text.splitlines())


def markdown(text: str, chance: random.Random, keep: str) -> str:
    """Lose what a chat takes for markup, and gain what it thinks is nicer."""
    kinds = chance.sample(("marks", "quotes", "ticks", "dashes"), chance.randint(1, 3))
    if "marks" in kinds:
        text = re.sub(r"(?<!\w)__(\w+?)__(?!\w)", r"\1", text).replace("*", "")
        text = re.sub(r"(?<=\W)_(?=\w)|(?<=\w)_(?=\W)", "", text)
    if "quotes" in kinds:
        text = re.sub(r"'([^'\n]*)'", "\u2018\\1\u2019", text)
        text = re.sub(r'"([^"\n]*)"', "\u201c\\1\u201d", text).replace("'", "\u2019")
    if "ticks" in kinds:
        text = re.sub(r"(?<![\w`./\\])([A-Za-z]\w+)(?![\w`./\\])", lambda m: f"`{m[1]}`" if chance.random() < 0.1 else m[0], text)
    if "dashes" in kinds:
        text = text.replace("--", "\u2013").replace("...", "\u2026")
    return text


def flat(text: str, chance: random.Random, keep: str) -> str:
    """All in one line, as a search field or a form leaves it."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def blanks(text: str, chance: random.Random, keep: str) -> str:
    """Turn indents into tabs, and leave blanks at the ends of lines."""
    lines = (re.sub(r"^ {4,8}", "\t", line) + " " * chance.randint(0, 6) for line in text.splitlines())
    return ("\r\n" if chance.random() < 0.3 else "\n").join(lines)


def prompt(text: str, chance: random.Random, keep: str) -> str:
    """Copy the prompt and the command along, and the next prompt, too."""
    before = chance.choice(PROMPTS)
    return f"{before}{chance.choice(COMMANDS)}\n{text}\n{before}"


def spoken(text: str, language: str) -> str:
    """What a shell says, in another language."""
    for english, other in WORDS[language].items():
        text = re.sub(re.escape(english), other, text, flags=re.IGNORECASE)
    return text


def in_language(text: str, language: str) -> str:
    """The lines of a shell in the language of its user; Python and pip speak English everywhere."""
    lines = text.splitlines()
    return "\n".join(spoken(line, language) if SHELL.match(line) or line.startswith("Segmentation fault") else line for line in lines)


def abroad(text: str, chance: random.Random, keep: str) -> str:
    """The same in a German or French shell, after a command that it did not know."""
    language = chance.choice(tuple(WORDS))
    said = in_language(text, language)
    return said if said != "\n".join(text.splitlines()) else f"bash: python: {WORDS[language]['command not found']}\n{text}"


def company(text: str, chance: random.Random, keep: str) -> str:
    """Another error, before or after."""
    other = chance.choice(OTHERS)
    return f"{other}\n\n{text}" if chance.random() < 0.5 else f"{text}\n\n{other}"


def nested(text: str, chance: random.Random, keep: str) -> str:
    """What a build printed inside of what another build printed inside of pip, two boxes deep."""
    steps = ("pip subprocess to install build dependencies", "Getting requirements to build wheel")
    for step in reversed(steps):
        lines = text.splitlines()
        edge = chance.choice(("│   ", "    "))
        body = "\n".join(f"  {edge}{line}" for line in [*lines, "[end of output]"])
        text = (
            f"  error: subprocess-exited-with-error\n\n  × {step} did not run successfully.\n  │ exit code: 1\n"
            f"  ╰─> [{len(lines)} lines of output]\n{body}\n\n"
            "  note: This error originates from a subprocess, and is likely not a problem with pip."
        )
    return text


Damage = Callable[[str, random.Random, str], str]

ORDER: tuple[Damage, ...] = (cut, markdown, abroad, nested, company, prompt, flat, wrap, build_log, quoted, box, stamps, colours, blanks)
"""From the text itself to what is around it: a terminal has wrapped what a mail then quotes."""

APART: tuple[frozenset[Damage], ...] = (
    frozenset((flat, box)),
    frozenset((wrap, box)),
    frozenset((nested, flat)),
    frozenset((stamps, build_log)),
)
"""Pairs that nobody sees together."""


def chosen(seed: int, without: frozenset[str] = frozenset()) -> list[Damage]:
    """One to three kinds of damage, in the order in which they happen."""
    chance = random.Random(f"kinds {seed}")
    kinds = [kind for kind in ORDER if kind.__name__ not in without]
    picked = chance.sample(kinds, chance.randint(1, 3))
    for pair in APART:
        if pair <= set(picked):
            picked.remove(next(kind for kind in picked if kind in pair))
    return sorted(picked, key=ORDER.index)


def distorted(text: str, seed: int, *, keep: str = "", without: frozenset[str] = frozenset()) -> str:
    """The paste with one to three kinds of damage, always the same for the same seed; what is to be kept defaults to the telling line."""
    chance = random.Random(f"damage {seed}")
    original = text
    keep = keep or telling(text)
    for kind in chosen(seed, without):
        text = kind(text, chance, keep)
    return text if text != original else blanks(f"{text}\n", chance, keep) + "\t "
