"""Tells who installed each package of this environment, by its metadata: pip's are named, the others counted."""

from importlib.metadata import distributions

owners = {f"{each.name}=={each.version}": (each.read_text("INSTALLER") or "nobody").strip() for each in distributions()}
print("pip:", *sorted(name for name, owner in owners.items() if owner == "pip"))
print("conda:", *sorted(name for name, owner in owners.items() if owner == "conda" and name.startswith(("numpy", "scipy"))), "and others")
