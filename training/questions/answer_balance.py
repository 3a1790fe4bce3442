"""Caps frequent answers, so that no answer is a safe guess."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from training.questions.rules.read_image import Candidate

LARGEST_SHARE = {"colour": 0.2, "count": 0.34, "where": 0.05, "who": 0.12, "action": 0.03, "wearing": 0.05}
LARGEST_SHARE_OF_TOPIC = {"colour": 0.3, "count": 0.5}


def largest_cap(counts: Sequence[int], share: float) -> int:
    """The largest number at which answers can be cut so that none makes up more than `share` of what is left.

    With too few different answers for that share, the second largest count, so that two answers are even.
    """
    ordered = sorted(counts, reverse=True)
    if not ordered:
        return 0
    # The kept total is sum(min(count, cap)); cap / total grows with cap, so the first cap that fits is the largest.
    low, high = 0, ordered[0]
    while low < high:
        cap = (low + high + 1) // 2
        if cap <= share * sum(min(count, cap) for count in ordered):
            low = cap
        else:
            high = cap - 1
    return low if low else (ordered[1] if len(ordered) > 1 else min(1, ordered[0]))


def balance_answers(candidates: Sequence[Candidate], *, seed: int) -> list[Candidate]:
    """Drop some candidates of the answers that are too frequent in their topic or kind, chosen by the seed.

    The others keep their order. Kinds without a share in the tables above are left alone.
    """
    by_topic = _cap(list(candidates), LARGEST_SHARE_OF_TOPIC, lambda c: f"{c.kind}/{c.topic}", seed=seed)
    return _cap(by_topic, LARGEST_SHARE, lambda c: c.kind, seed=seed)


def _cap(
    candidates: list[Candidate], shares: dict[str, float], group_of: Callable[[Candidate], str], *, seed: int
) -> list[Candidate]:
    groups: dict[str, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        if candidate.kind in shares:
            groups[group_of(candidate)].append(index)
    dropped: set[int] = set()
    for group, members in sorted(groups.items()):
        counts = Counter(candidates[index].answer for index in members)
        cap = largest_cap(list(counts.values()), shares[candidates[members[0]].kind])
        rng = random.Random(f"{seed}/balance/{group}")
        for answer in sorted(answer for answer, count in counts.items() if count > cap):
            same = [index for index in members if candidates[index].answer == answer]
            dropped.update(rng.sample(same, len(same) - cap))
    return [candidate for index, candidate in enumerate(candidates) if index not in dropped]
