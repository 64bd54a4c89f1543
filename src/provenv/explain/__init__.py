"""Finds the cause of a pasted error among those that are known, or says that it is unknown.

A signature is a text as tools print it; how much of its telling parts is in the paste decides, not whether all of it is.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from provenv.explain.paste import Paste, clean, compact, shingles
from provenv.explain.pattern import Pattern


@dataclass(frozen=True)
class Demand:
    """How much of a signature must be in a paste: a share of its weight, and a weight at all, so that a short and common phrase is no answer."""

    share: float
    weight: float


WHOLE = Demand(0.68, 14.0)
"""Of a signature without a part that must be there, or whose part is not."""
WITH_PART = Demand(0.4, 2.5)
"""Of one whose part is there."""
PART = 10.0
"""What such a part adds to a score."""
PATTERN = 30.0
"""The score of each part of a pattern that fits."""
HINT = 8.0
TOGETHER = 2
"""Parts that are telling when all of them are there, however common each is."""
MOST = 5
"""Answers that are given at most."""


@dataclass(frozen=True)
class Signature:
    """One text by which an answer is recognised; its parts between `{` and `}` must be there as they stand."""

    text: str

    @cached_property
    def parts(self) -> frozenset[str]:
        """Its shingles."""
        pieces = self.text.replace("{", "").replace("}", "").split("[..]")
        return frozenset(each for piece in pieces for each in shingles(compact(piece)))

    @cached_property
    def musts(self) -> tuple[str, ...]:
        """What must be there."""
        return tuple(part.split("}")[0] for part in self.text.split("{")[1:])


@dataclass(frozen=True)
class Answer:
    """What is known of an error."""

    title: str
    cause: str
    fix: str
    recipe: str | None
    """The recipe that proves it, if one does."""
    url: str
    """Page on the site, from its root."""
    signatures: tuple[Signature, ...]
    patterns: tuple[Pattern, ...] = ()
    hints: tuple[str, ...] = ()
    """Words that make this one more likely where a text has several causes."""


@dataclass(frozen=True)
class Found:
    """An answer to a paste, the more likely the higher its score."""

    answer: Answer
    score: float


class Index:
    """Answers, and how telling each part of their signatures is."""

    def __init__(self, answers: Sequence[Answer], background: Iterable[str]) -> None:
        """`background` are texts that tell nothing: what all errors of a kind have in common."""
        self.answers, self.background = answers, tuple(background)
        common = {part for text in self.background for part in shingles(compact(text))}
        holders = Counter(part for answer in answers for part in {each for signature in answer.signatures for each in signature.parts})
        top = math.log(1 + len(answers))
        self._weights = {part: 0.0 if part in common else math.log(1 + len(answers) / held) / top for part, held in holders.items()}

        self._whole = {signature: self.weight(signature.parts) for answer in answers for signature in answer.signatures}

    def weight(self, parts: Iterable[str]) -> float:
        """How telling parts are together."""
        return sum(self._weights[part] for part in parts)

    def explain(self, paste: str) -> list[Found]:
        """The answers to a paste, the most likely first; none if the error is unknown."""
        seen = Paste(clean(paste))
        found = [Found(answer, round(score, 3)) for answer in self.answers if (score := self._score(answer, seen)) > 0]
        found.sort(key=lambda each: (-each.score, each.answer.title))
        return [each for each in found if each.score >= found[0].score / 5][:MOST]

    def _score(self, answer: Answer, seen: Paste) -> float:
        fits = [PATTERN * each.wanted for each in answer.patterns if each.fits(seen)]
        scores = sorted([*fits, *(self._matched(signature, seen) for signature in answer.signatures)], reverse=True)
        if not scores or scores[0] <= 0:
            return 0.0
        hints = sum(seen.has(hint) for hint in answer.hints)
        return scores[0] + 0.2 * sum(scores[1:3]) + HINT * hints

    def _matched(self, signature: Signature, seen: Paste) -> float:
        """The weight of a signature that is in a paste, 0 if that is not enough."""
        whole = self._whole[signature]
        matched = self.weight(signature.parts & seen.parts)
        if matched < WITH_PART.weight and len(signature.musts) < TOGETHER:
            return 0.0
        has_part = bool(signature.musts) and all(map(seen.has, signature.musts))
        if has_part and len(signature.musts) >= TOGETHER:
            matched, whole = max(matched, WITH_PART.weight), max(whole, WITH_PART.weight)
        demand = WITH_PART if has_part else WHOLE
        if matched < max(demand.weight, demand.share * whole):
            return 0.0
        return matched * (matched / whole) + (PART * len(signature.musts) if has_part else 0.0)
