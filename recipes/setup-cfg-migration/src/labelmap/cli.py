"""The command `labelmap`: the name of a label set and class names in, their numbers out."""

import sys

from labelmap import LabelMap


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit("usage: labelmap SET NAME...")
    labels = LabelMap.shipped(sys.argv[1])
    for name, number in zip(sys.argv[2:], labels.encode(sys.argv[2:])):
        print(number, name)
