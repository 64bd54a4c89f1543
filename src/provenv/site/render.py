"""HTML of steps, files and excused fences, with their proofs. Plain elements and `data-` attributes, made for no theme in particular."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

from provenv.ledger import Standing
from provenv.proof import Build, CondaPackage, Containers, Environment, Package
from provenv.prove import StepRecord
from provenv.recipe import Command, Recipe, Step
from provenv.site.evidence import StepEvidence
from provenv.site.measures import Measure
from provenv.transcript import ANY_LINES, ANY_TEXT

_WORST_FIRST = ("failed", "healed", "not run", "stale", "proven")


def outcome(standings: Iterable[Standing]) -> str:
    """The worst outcome of several; `not run` of none."""
    found = {each.outcome for each in standings}
    return next((each for each in _WORST_FIRST if each in found), "not run")


def badge(of: str, ran_at: str = "", max_age_days: int = 0) -> str:
    """A badge that says an outcome in a word; one with a date ages in the reader's browser."""
    age = f' data-pv-ran="{ran_at}" data-pv-max-age="{max_age_days}"' if ran_at and of == "proven" else ""
    return f'<span class="pv-badge" data-pv-outcome="{of}"{age}>{of}</span>'


def aged_badge(standings: Sequence[Standing], max_age_days: int) -> str:
    """The badge of several proofs; it is as old as the oldest."""
    dates = [each.proof.ran_at for each in standings if each.proof]
    return badge(outcome(standings), min(dates).isoformat() if dates else "", max_age_days)


def step(recipe: Recipe, of: Step, evidence: Sequence[StepEvidence], max_age_days: int, recipe_page: str) -> str:
    """A step as a reader sees it: what to type, what to expect, and its proof, folded; without a link where `recipe_page` is empty."""
    copied = escape("\n".join(command.text for command in of.commands), quote=True)
    lines = "\n".join(_command(command) for command in of.commands)
    inside = _facts(evidence, max_age_days) + _exact(evidence) + _source(recipe, recipe_page)
    code = "" if of.exit_code == 0 else f'<p class="pv-exit">ends with exit code {of.exit_code}, as expected</p>'
    return (
        f'<div class="pv-step" data-pv-step="{recipe.slug}#{of.id}">'
        f'<div class="highlight pv-console" data-copy="{copied}"><pre tabindex="0"><code>{lines}\n</code></pre></div>{code}'
        f"{_instead(evidence, max_age_days)}"
        f"{proof([each.standing for each in evidence], max_age_days, inside)}</div>"
    )


def _instead(evidence: Sequence[StepEvidence], max_age_days: int) -> str:
    """What was run in the place of a step that was not run itself, and how that stands."""
    for each in evidence:
        proof = each.standing.proof
        if each.instead and proof and proof.conda and each.standing.outcome == "not run":
            proven = badge("proven", proof.ran_at.isoformat(), max_age_days)
            by = escape(f"{proof.conda.backend} on the {proof.conda.channel}")
            return f'<p class="pv-instead">{proven} is what ran in its place, by {by}: <code>{escape(each.instead)}</code></p>'
    return ""


def _command(command: Command) -> str:
    first, *rest = _code(command.text, "bash").split("\n")
    typed = [f'<span class="gp">$ </span>{first}', *(f'<span class="gp">&gt; </span>{line}' for line in rest)]
    printed = [f'<span class="go">{_expected(line)}</span>' for line in command.expected]
    return "\n".join([*typed, *printed])


def _expected(line: str) -> str:
    """An expected line, with what stands for any text or any lines told apart from the text itself."""
    if line.rstrip() == ANY_LINES:
        return f'<span class="pv-any" title="any lines">{line}</span>'
    return escape(line).replace(ANY_TEXT, f'<span class="pv-any" title="any text">{ANY_TEXT}</span>')


def proof(standings: Sequence[Standing], max_age_days: int, inside: str) -> str:
    """How proofs stand, in one line that opens to `inside`."""
    pythons = ", ".join(dict.fromkeys(each.key.python for each in standings))
    lanes = ", ".join(dict.fromkeys(each.key.lane for each in standings))
    dates = sorted(each.proof.ran_at for each in standings if each.proof)
    when = f'<time datetime="{dates[0].isoformat()}">{dates[0]:%Y-%m-%d}</time> ' if dates else ""
    return (
        f'<details class="pv-proof"><summary data-search-exclude>{aged_badge(standings, max_age_days)} {when}'
        f'<span class="pv-where">in a fresh {lanes} environment, Python {pythons}</span>{_why(standings)}</summary>'
        f'<section class="pv-proof-body" data-search-exclude>{inside}</section></details>'
    )


def _why(standings: Iterable[Standing]) -> str:
    """Why not all is proven, in sight without opening anything."""
    reasons = dict.fromkeys(each.reason for each in standings if each.reason)
    return f' <span class="pv-why">{escape("; ".join(reasons))}</span>' if reasons else ""


def _source(recipe: Recipe, recipe_page: str) -> str:
    return f'<p class="pv-source">From the recipe <a href="{recipe_page}">{escape(recipe.matter.title)}</a>.</p>' if recipe_page else ""


def _facts(evidence: Sequence[StepEvidence], max_age_days: int) -> str:
    """What is known of a step: a column for each Python, a value that they share across all of them."""
    columns = [_column(each, max_age_days) for each in evidence]
    names = list(dict.fromkeys(name for column in columns for name in column))
    head = "".join(f'<th scope="col">Python {escape(_python(each.standing))}</th>' for each in evidence)
    rows = "".join(f'<tr><th scope="row">{name}</th>{_cells([column.get(name, "") for column in columns])}</tr>' for name in names)
    return f'<div class="pv-scroll" tabindex="0"><table class="pv-facts"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _python(standing: Standing) -> str:
    return standing.proof.interpreter if standing.proof else standing.key.python


def _cells(values: Sequence[str]) -> str:
    shared = len(values) > 1 and len(set(values)) == 1
    return f'<td colspan="{len(values)}">{values[0]}</td>' if shared else "".join(f"<td>{value}</td>" for value in values)


def _column(each: StepEvidence, max_age_days: int) -> dict[str, str]:
    """The facts of a step on one Python, by name, as HTML."""
    proof = each.standing.proof
    why = f" {escape(each.standing.reason)}" if each.standing.reason else ""
    if proof is None:
        return {"Outcome": badge(each.standing.outcome) + why}
    ran_at = proof.ran_at.isoformat()
    column = {
        "Outcome": badge(each.standing.outcome, ran_at, max_age_days) + why,
        "Ran": f'<time datetime="{ran_at}">{proof.ran_at:%Y-%m-%d %H:%M} UTC</time>',
        "Platform": escape(f"{proof.platform.system} {proof.platform.machine}, {proof.platform.libc}"),
        "Package index": f"held at {proof.as_of}" if proof.as_of != "today" else "as of that day",
        "This step took": f"{each.seconds:.1f} s" if each.seconds is not None else "",
        "Stand-ins": escape("; ".join(proof.stand_ins)),
        **(_containers(proof.containers) if proof.containers else {}),
        **({"Conda": escape(proof.conda.backend), "Channel": escape(proof.conda.channel)} if proof.conda else {}),
    }
    versions = {name: value for each in proof.environments for name, value in _versions(each).items()}
    return {name: value for name, value in {**column, **versions}.items() if value}


def _versions(environment: Environment) -> dict[str, str]:
    """What an environment holds, by name, as HTML."""
    told = {f"Versions in <code>{escape(environment.path)}</code>": _listed_flat(environment.packages) or "no distribution"}
    if environment.conda is None:
        return told
    packages = {f"Conda packages in <code>{escape(environment.path)}</code>": _listed_flat(environment.conda)}
    from_pip = _listed_flat(environment.packages)
    return {**packages, f"By pip in <code>{escape(environment.path)}</code>": from_pip}


def _listed_flat(packages: Sequence[Package | CondaPackage]) -> str:
    return ", ".join(f"{escape(package.name)}&nbsp;{escape(package.version)}" for package in packages)


def _containers(found: Containers) -> dict[str, str]:
    """What the container lane measured in a scenario, by name, as HTML."""
    images = {
        f"Image <code>{escape(image.name)}</code>": f"{image.bytes / 1e6:,.1f}&nbsp;MB, runs as {escape(image.user)}"
        + _listed(f"{layer.bytes / 1e6:,.1f}&nbsp;MB: <code>{escape(layer.made_by)}</code>" for layer in image.layers)
        for image in found.images
    }
    builds = _listed(f"<code>{escape(build.command)}</code>: {_build(build)}" for build in found.builds)
    added = _listed(f"<code>{escape(each)}</code>" for each in found.added)
    return {"Engine": escape(found.engine), "Builds of the scenario": builds, **images, "Added to the commands": added}


def _listed(items: Iterable[str]) -> str:
    inside = "".join(f"<li>{each}</li>" for each in items)
    return f"<ul>{inside}</ul>" if inside else ""


def _build(build: Build) -> str:
    cached = f"{build.cached} of {build.steps} steps from the cache" if build.cached else "cold"
    return f"{build.seconds:.1f} s, {cached}"


def measures(title: str, rows: Sequence[Measure], max_age_days: int, pages: Callable[[str], str]) -> str:
    """Figures of the ledger as bars, each with its proof's badge."""
    most = max((row.value for row in rows if row.value is not None), default=0.0)
    inside = "".join(_bar(row, most, max_age_days, pages(row.recipe.slug)) for row in rows)
    head = f'<thead><tr><th scope="col" colspan="3">{escape(title)}</th></tr></thead>'
    return f'<div class="pv-scroll" tabindex="0"><table class="pv-measures" data-search-exclude>{head}<tbody>{inside}</tbody></table></div>'


def _bar(row: Measure, most: float, max_age_days: int, page: str) -> str:
    label = f'<a href="{page}">{escape(row.label)}</a>' if page else escape(row.label)
    ran_at = row.standing.proof.ran_at.isoformat() if row.standing.proof else ""
    share = row.value / most if row.value is not None and most else 0
    figure = "" if row.value is None else f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:.1f}"
    bar = (
        f'<span class="pv-bar" style="--pv-share: {share:.3f}"></span><span class="pv-figure">{figure}&nbsp;{row.unit}</span>'
        if figure
        else ""
    )
    return f'<tr><th scope="row">{label}</th><td>{bar}</td><td>{badge(row.standing.outcome, ran_at, max_age_days)}</td></tr>'


def _exact(evidence: Sequence[StepEvidence]) -> str:
    """The exact output on each Python, once where it is the same."""
    ran = [each for each in evidence if each.standing.proof]
    records = {each.record.digest: each.record for each in ran if each.record}
    folded = "".join(
        _output(record, ", ".join(each.standing.key.python for each in ran if each.record and each.record.digest == digest))
        for digest, record in records.items()
    )
    missing = ", ".join(each.standing.key.python for each in ran if each.record is None)
    if missing:
        folded += f'<p class="pv-exact">The expected output above is what was compared; the exact output on Python {missing} is not at hand here.</p>'
    return folded


def _output(record: StepRecord, pythons: str) -> str:
    lines = "\n".join(
        "\n".join(
            [f'<span class="gp">$ </span>{escape(each.command)}', *(f'<span class="go">{escape(line)}</span>' for line in each.output)]
        )
        for each in record.commands
    )
    return (
        f'<details class="pv-exact"><summary>Exact output on Python {pythons}</summary>'
        f'<div class="highlight" data-copy="{escape(_plain(record), quote=True)}"><pre tabindex="0"><code>{lines}\n</code></pre></div></details>'
    )


def _plain(record: StepRecord) -> str:
    return "\n".join(line for each in record.commands for line in each.output)


def file(name: str, lines: Sequence[str], recipe: Recipe, recipe_page: str) -> str:
    """A file of a recipe, or a region of it, under its name; without a link where `recipe_page` is empty."""
    text = "\n".join(lines)
    source = f' in <a href="{recipe_page}">{escape(recipe.matter.title)}</a>' if recipe_page else ""
    return (
        f'<figure class="pv-file" data-search-exclude><figcaption><code>{escape(name)}</code>{source}</figcaption>'
        f'<div class="highlight"><pre tabindex="0"><code>{_code(text, None, name)}\n</code></pre></div></figure>'
    )


def excused(language: str, lines: Sequence[str], reason: str) -> str:
    """A fence that no run proves, with its reason in sight."""
    typed = [line[2:] for line in lines if line.startswith(("$ ", "> "))] if language == "console" else lines
    copied = escape("\n".join(typed), quote=True)
    return (
        f'<div class="pv-excused"><div class="highlight" data-copy="{copied}"><pre tabindex="0"><code>{_code(chr(10).join(lines), language)}\n</code></pre></div>'
        f'<p class="pv-reason">{badge("unproven")} {escape(reason)}</p></div>'
    )


def code(language: str, lines: Sequence[str]) -> str:
    """A fence that the tests run."""
    return f'<div class="highlight pv-tested"><pre tabindex="0"><code>{_code(chr(10).join(lines), language)}\n</code></pre></div>'


def _code(text: str, language: str | None, name: str = "") -> str:
    """Highlighted HTML of a text, line for line."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else get_lexer_for_filename(name.rsplit("/", 1)[-1], stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    return highlight(text, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
