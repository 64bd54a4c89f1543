"""Makes the texts of a corpus comparable."""

import unicodedata


def normal(text: str) -> str:
    """The text in one form of each character, in lower case, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
