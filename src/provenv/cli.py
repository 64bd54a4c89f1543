"""The command `provenv`: reads arguments, calls the engine, tells people or machines what came out.

Exit codes: 0 all that was asked is proven; 1 something failed, is stale or has no proof; 2 nothing can be said.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from provenv import __version__, project
from provenv.errors import BadInput, NotRun
from provenv.ledger import Standing
from provenv.project import Project
from provenv.proof import TODAY, Key, required
from provenv.recipe import JUNK, Recipe

if TYPE_CHECKING:
    from provenv.explain import Found

PROVEN, NOT_PROVEN, NOTHING_SAID = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code."""
    options = _parser().parse_args(arguments)
    for number in _INTERRUPTIONS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except (BadInput, NotRun) as error:
        print(f"provenv: {_relative(str(error))}", file=sys.stderr)
    except KeyboardInterrupt:
        print("provenv: interrupted; nothing was recorded of what had not ended", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"provenv: {error.strerror or error}: {_relative(str(error.filename or ''))}", file=sys.stderr)
    return NOTHING_SAID


_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupt(*_: Any) -> NoReturn:
    """End the run once; a second Ctrl-C must not stop the cleaning up, which takes seconds."""
    for number in _INTERRUPTIONS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _relative(text: str) -> str:
    return text.replace(f"{Path.cwd()}{os.sep}", "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "provenv", description="Follow the recipes of a knowledge base as a reader would, and keep dated proofs."
    )
    parser.add_argument("--version", action="version", version=f"provenv {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="what can be proven")
    listing.add_argument("--json", action="store_true", help="for machines")
    listing.set_defaults(run=_list)

    proving = commands.add_parser("prove", help="follow recipes in fresh environments and record what happened")
    proving.add_argument("recipes", nargs="*", metavar="RECIPE", help="names of recipes (default: all)")
    proving.add_argument("--lane", choices=("venv", "conda", "container"), help="only this kind of environment")
    proving.add_argument("--python", metavar="X.Y", help="only this Python")
    proving.add_argument("--scenario", metavar="NAME", help="only the scenarios of this name")
    proving.add_argument(
        "--as-of", type=_as_of, metavar="DATE", help="hold the package index at the start of this day (UTC), or `today` for no hold"
    )
    proving.add_argument("--jobs", type=_jobs, metavar="N", help="scenarios at a time (default: the cores)")
    proving.add_argument("--changed", action="store_true", help="only what is not proven now")
    proving.add_argument("--update", action="store_true", help="write seen output into the README for review, and record nothing")
    proving.add_argument("--json", action="store_true", help="for machines: one JSON object a line")
    proving.set_defaults(run=_prove)

    status = commands.add_parser("status", help="how every proof that must exist stands")
    status.add_argument("--json", action="store_true", help="for machines")
    status.set_defaults(run=_status)

    pinning = commands.add_parser("pin", help="pin the list of proofs that must exist to what the recipes say now")
    pinning.set_defaults(run=_pin)

    new = commands.add_parser("new", help="copy a recipe as the start of a project of your own")
    new.add_argument("recipe", metavar="RECIPE")
    new.add_argument("folder", type=Path, metavar="DIR", help="a folder that does not exist yet")
    new.set_defaults(run=_new)

    explaining = commands.add_parser("explain", help="the cause of a pasted error, its fix, and the recipe that proves it")
    explaining.add_argument("file", nargs="?", default="-", metavar="FILE", help="the paste, - for standard input (default)")
    explaining.add_argument("--json", action="store_true", help="for machines")
    explaining.set_defaults(run=_explain)

    standing_in = commands.add_parser("stand-ins", help="make the base images that recipes need and no registry gives")
    standing_in.set_defaults(run=_stand_ins)

    pages = commands.add_parser("pages", help="write the generated pages of the site under docs/")
    pages.set_defaults(run=_pages)
    return parser


def _as_of(text: str) -> str:
    if text == TODAY:
        return text
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is no date; write YYYY-MM-DD or `today`") from None


def _jobs(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise argparse.ArgumentTypeError(f"`{text}` is no number of scenarios; write 1 or more")
    return int(text)


def _here() -> Project:
    return project.find(Path.cwd())


# --- list, status, pin --------------------------------------------------------------------------------------------------


def _list(options: argparse.Namespace) -> int:
    recipes = _here().recipes
    if options.json:
        print(json.dumps([_told(each) for each in recipes], indent=1))
        return PROVEN
    width = max(len(each.slug) for each in recipes)
    for each in recipes:
        print(f"{each.slug:{width}}  {', '.join(each.matter.lanes)}  {' '.join(each.matter.pythons)}  {each.matter.title}")
    return PROVEN


def _told(each: Recipe) -> dict[str, Any]:
    return {
        "recipe": each.slug,
        "title": each.matter.title,
        "summary": each.matter.summary,
        "proofs": [key._asdict() for key in required(each)],
        "steps": [step.id for step in each.steps],
    }


def _status(options: argparse.Namespace) -> int:
    here = _here()
    holes = here.ledger.holes(here.recipes)
    standings = here.standings()
    if options.json:
        print(json.dumps({"holes": holes, "proofs": [_standing(each) for each in standings]}, indent=1))
    else:
        for hole in holes:
            print(f"hole     {hole}")
        for each in standings:
            print(
                f"{each.outcome:8} {each.key}{': ' + each.reason if each.reason else f' on {each.proof.ran_at:%Y-%m-%d}' if each.proof else ''}"
            )
        for each in here.today():
            if each.outcome == "healed":
                print(f"healed   {each.key}: {each.reason}")
        counts = Counter(each.outcome for each in standings)
        print(f"{counts['proven']} of {len(standings)} proven{', ' + str(len(holes)) + ' holes' if holes else ''}")
    return PROVEN if not holes and all(each.outcome == "proven" for each in standings) else NOT_PROVEN


def _standing(each: Standing) -> dict[str, Any]:
    ran_at = each.proof.ran_at.isoformat() if each.proof else None
    return {**each.key._asdict(), "outcome": each.outcome, "reason": each.reason, "ran_at": ran_at}


def _pin(_: argparse.Namespace) -> int:
    here = _here()
    here.ledger.pin(here.recipes)
    print(f"pinned {sum(len(required(each)) for each in here.recipes)} proofs of {len(here.recipes)} recipes")
    return PROVEN


# --- new, stand-ins, pages -----------------------------------------------------------------------------------------------------------


def _new(options: argparse.Namespace) -> int:
    source, target = _here().recipe(options.recipe), options.folder
    if target.exists() or target.is_symlink():
        raise BadInput("this folder exists already, and nothing of yours is overwritten; name a new one", target)
    shutil.copytree(source.folder, target, symlinks=True, ignore=shutil.ignore_patterns(*JUNK))
    print(f"{target}: a copy of the recipe {source.slug}; follow its README.md from top to bottom")
    return PROVEN


def _explain(options: argparse.Namespace) -> int:
    from provenv.explain import known

    found = known.index(_here().recipes).explain(_pasted(options.file))
    if options.json:
        print(json.dumps({"answers": [_answer(each) for each in found]}, indent=1))
    elif not found:
        print("unknown: none of the errors that are known here; look for the first error in the output, above what followed from it")
    for each in found if not options.json else []:
        answer = each.answer
        proven = f"   proven in: recipes/{answer.recipe}/README.md" if answer.recipe else "   no recipe proves this one"
        print(f"{answer.title}\n   because: {answer.cause}\n   fix: {answer.fix}\n{proven}\n")
    return PROVEN


def _pasted(name: str) -> str:
    """What was pasted; raises `BadInput` for a file that cannot be read."""
    if name == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        return Path(name).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror}); name a file with the error's text, or pipe it in", Path(name)) from None


def _answer(found: "Found") -> dict[str, Any]:
    answer = found.answer
    told = {"title": answer.title, "cause": answer.cause, "fix": answer.fix, "recipe": answer.recipe, "url": answer.url}
    return {**told, "score": found.score}


def _stand_ins(_: argparse.Namespace) -> int:
    from provenv import sandbox
    from provenv.lanes.container import make_stand_ins

    recipes = [each for each in _here().recipes if "container" in each.matter.lanes]
    made = make_stand_ins(recipes, sandbox.cache_folder())
    print("\n".join(made) or "every base image comes from a registry; nothing stands in for one")
    return PROVEN


def _pages(_: argparse.Namespace) -> int:
    from provenv.site import pages

    here = _here()
    written = pages.write(here)
    print(f"wrote {written} files under {here.docs.name}/")
    return PROVEN


# --- prove ----------------------------------------------------------------------------------------------------------------


def _prove(options: argparse.Namespace) -> int:
    from provenv import proving

    here = _here()
    asked = _selection(here, options)
    if not asked and not options.json:
        print("all that was asked for is proven already")
        return PROVEN
    return proving.run(here, asked, jobs=options.jobs, updating=options.update, machine=options.json)


def _selection(here: Project, options: argparse.Namespace) -> list[tuple[Recipe, Key]]:
    """What was asked for; raises `BadInput` if that is nothing, because nothing is never green."""
    recipes = [here.recipe(slug) for slug in dict.fromkeys(options.recipes)] or here.recipes
    asked = [
        (each, key._replace(as_of=options.as_of or key.as_of))
        for each in recipes
        for key in required(each)
        if options.lane in (None, key.lane) and options.python in (None, key.python) and options.scenario in (None, key.scenario)
    ]
    if not asked:
        raise BadInput("nothing was asked for: no recipe has a proof of this lane, Python and scenario; see `provenv list --json`")
    if options.update:
        newest = {each.slug: options.python or max(each.matter.pythons, key=lambda text: int(text[2:])) for each in recipes}
        asked = [(each, key) for each, key in asked if key.python == newest[each.slug]]
    if options.changed:
        proven = {each.key for each in here.standings(recipes) if each.outcome == "proven"}
        asked = [(each, key) for each, key in asked if key not in proven]
    return asked
