"""Check a sweep before it costs anything: read it, validate it, and say what it would take."""

import itertools
import sys
from pathlib import Path

import yaml
from pydantic import BaseModel, Field, PositiveFloat, PositiveInt, ValidationError


class Sweep(BaseModel, extra="forbid"):
    """A grid of settings, each of which is one training."""

    name: str
    gpu_hours_per_epoch: PositiveFloat
    epochs: PositiveInt
    grid: dict[str, list[float]] = Field(min_length=1)
    budget_gpu_hours: PositiveFloat

    @property
    def trials(self) -> int:
        """How many trainings the grid makes."""
        return len(list(itertools.product(*self.grid.values())))

    @property
    def gpu_hours(self) -> float:
        """What all of them take."""
        return self.trials * self.epochs * self.gpu_hours_per_epoch


def main(path: str) -> int:
    """Print the plan; the exit code is 1 for a sweep that is not valid or over its budget."""
    try:
        sweep = Sweep.model_validate(yaml.safe_load(Path(path).read_text()))
    except ValidationError as error:
        print(error)
        return 1
    print(f"{sweep.name}: {sweep.trials} trials, {sweep.gpu_hours:.0f} of {sweep.budget_gpu_hours:.0f} GPU hours")
    return int(sweep.gpu_hours > sweep.budget_gpu_hours)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
