"""Builds a recipe of rattler-build, runs its tests in a fresh environment, and adds the package to a channel, which is a folder."""

import sys
from pathlib import Path
from typing import TextIO

from rattler_build import RattlerBuildError, Stage0Recipe, ToolConfiguration
from rattler_build.progress import LogEvent


class Log:
    """Writes down what the build tells."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def on_log(self, event: LogEvent) -> None:
        print(event.message, file=self.file)


recipe, channel, source = sys.argv[1:]
with Path("build.log").open("w", encoding="utf-8") as log:
    try:
        built = Stage0Recipe.from_file(recipe).run_build(
            tool_config=ToolConfiguration(test_strategy="native"),
            output_dir=channel,
            channels=[source],
            progress_callback=Log(log),
        )
    except RattlerBuildError as error:
        sys.exit(f"not built: {error}; see build.log")
for each in built:
    print(f"built {each.packages[0].name}")
