"""Import each installed package that has compiled files, in a process of its own. Noise on standard error counts as a failure."""

import subprocess
import sys
from importlib.metadata import distributions, packages_distributions

compiled = {dist.name for dist in distributions() if any(file.suffix in (".so", ".pyd") for file in dist.files or ())}
failed = 0
for module, names in sorted(packages_distributions().items()):
    if module.startswith("_") or not compiled & set(names):
        continue
    run = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True)
    bad = run.returncode != 0 or run.stderr.strip() != ""
    failed += bad
    said = run.stderr.strip().splitlines()[-1:] or [f"exit code {run.returncode}"]
    print(f"{module}: {said[0] if bad else 'ok'}")
sys.exit(failed > 0)
