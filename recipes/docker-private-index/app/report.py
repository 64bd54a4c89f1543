"""Sizes of a model's weights, by parameters and bytes of each."""

from humanize import naturalsize

for kind, bytes_each in (("float32", 4), ("bfloat16", 2), ("int8", 1)):
    print(kind, naturalsize(7_000_000_000 * bytes_each))
