"""A trap that does not spring any more with the index of today is an alarm of its own, and no pass."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from conftest import Place, matter, step
from provenv import project
from provenv.site.pages import write

HELD = '$ test -z "$UV_EXCLUDE_NEWER"'
"""Fails while the index is held, as a trap does that today's index has healed."""
TRAP = {
    "id": "PV001",
    "group": "locks",
    "symptom": '"It breaks"',
    "cause": "Because.",
    "fix": "Do.",
    "scenarios": "{broken: Broken, fixed: Fixed}",
}


@pytest.fixture
def trap(place: Place) -> Place:
    place.write("alpha", matter(**TRAP) + "## Broken\n\n" + step(HELD, 'id="b" exit="1"') + "## Fixed\n\n" + step("$ true", 'id="fix"'))
    assert place.provenv("prove").code == 0
    place.provenv("pin")
    return place


def day() -> str:
    return datetime.now(UTC).date().isoformat()


def test_it_is_told_apart_from_what_failed(trap: Place):
    ran = trap.provenv("prove", "--as-of", "today", "--scenario", "broken")
    assert ran.code == 1
    assert (
        f"healed   alpha/broken (venv, Python {trap.proofs('alpha')[0]['python']}, index today): step `b`, healed since {day()}:" in ran.out
    )
    assert "ended with exit code 0, expected 1" in ran.out
    assert ran.out.splitlines()[-1] == "0 proven, 0 failed, 1 healed, 0 not run"


def test_machines_are_told_so_too(trap: Place):
    (line,) = trap.provenv("prove", "--json", "--as-of", "today", "--scenario", "broken").out.splitlines()
    assert json.loads(line)["outcome"] == "healed"


def test_the_first_day_stays(trap: Place):
    trap.provenv("prove", "--as-of", "today")
    path = trap.root / "proofs" / "alpha.json"
    earlier = (datetime.now(UTC).date() - timedelta(days=9)).isoformat()
    path.write_text(path.read_text().replace(f'"healed_since": "{day()}"', f'"healed_since": "{earlier}"'))
    assert f"healed since {earlier}:" in trap.provenv("prove", "--as-of", "today").out
    assert (
        f"healed   alpha/broken (venv, Python {trap.proofs('alpha')[0]['python']}, index today): since {earlier}: "
        in trap.provenv("status").out
    )


def test_at_the_freeze_date_the_same_is_a_failure(place: Place):
    place.write("alpha", step("$ true", 'id="b" exit="1"'))
    assert place.provenv("prove").out.startswith("failed   alpha/")


@pytest.mark.parametrize(
    ("command", "options"), [("exit 0", 'exit="1"'), ("sleep 9", 'exit="1" timeout="1"'), ("false", ""), ("(exit 2)", 'exit="1"')]
)
def test_another_failure_is_no_healing(place: Place, command: str, options: str):
    place.write("alpha", step(f"$ {command}", f'id="b" {options}'))
    assert place.provenv("prove", "--as-of", "today").out.startswith("failed   alpha/")


def test_the_pages_say_it(trap: Place):
    trap.provenv("prove", "--as-of", "today")
    here = project.find(trap.root)
    (guide := here.docs / "guides" / "environments.md").parent.mkdir(parents=True)
    guide.write_text("# Environments\n\n```step\nalpha#b\n```\n")
    write(here)
    page, proofs = ((here.docs / name).read_text() for name in ("recipes/alpha.md", "proofs/index.md"))
    assert f"With the index of today, since {day()}: " in page
    assert "## With the index of today" in proofs
    assert proofs.count('data-pv-outcome="healed"') == 2
    assert "<td>1</td><td>a failure that the page shows does not happen any more" in proofs
