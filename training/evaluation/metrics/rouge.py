"""ROUGE-L: the longest common subsequence of a caption with its references.

Source: Lin 2004, "ROUGE: a package for automatic evaluation of summaries", with the constant of the COCO caption code.
"""

from __future__ import annotations

from collections.abc import Sequence

BETA = 1.2
"""Weight of recall against precision."""


def rouge_l(candidate: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """F-measure in [0, 1] of the best precision and the best recall over the references."""
    if not candidate:
        return 0.0
    common = [_longest_common_subsequence(candidate, reference) for reference in references]
    precision = max(common) / len(candidate)
    recall = max(length / len(reference) if reference else 0.0 for length, reference in zip(common, references, strict=True))
    if precision == 0 or recall == 0:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def _longest_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    lengths = [0] * (len(other) + 1)
    for word in one:
        diagonal = 0
        for index, against in enumerate(other, start=1):
            diagonal, lengths[index] = (
                lengths[index],
                diagonal + 1 if word == against else max(lengths[index], lengths[index - 1]),
            )
    return lengths[-1]
