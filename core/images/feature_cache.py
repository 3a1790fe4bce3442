"""The image features used last, so that a second question about a photo needs no encoding."""

from __future__ import annotations

import threading
from collections import OrderedDict

from torch import Tensor


class FeatureCache:
    """Image features by content hash; beyond its capacity the least recently used go. Threads may share one."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._features: OrderedDict[str, Tensor] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._features)

    def get(self, key: str) -> Tensor | None:
        """The features, which count as used now; None where they aren't in the cache."""
        with self._lock:
            if key not in self._features:
                return None
            self._features.move_to_end(key)
            return self._features[key]

    def put(self, key: str, features: Tensor) -> None:
        with self._lock:
            self._features[key] = features
            self._features.move_to_end(key)
            while len(self._features) > self._capacity:
                self._features.popitem(last=False)
