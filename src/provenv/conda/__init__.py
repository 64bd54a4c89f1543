"""Conda packages, channels and prefixes: what the conda lane rests on where no conda is, and what it looks at where one is."""
