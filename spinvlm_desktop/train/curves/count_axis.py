"""An axis for what is counted, as steps and passes are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg


class CountAxis(pg.AxisItem):
    """Ticks at whole numbers only, which are written out."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)

    def tickSpacing(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, lowest: float, highest: float, size: float
    ) -> list[tuple[float, float]]:
        """Pairs of spacing and offset, the widest first."""
        found: Any = super().tickSpacing(lowest, highest, size)
        return [(spacing, 0) for spacing, _ in found if spacing >= 1 and spacing == int(spacing)] or [(1, 0)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """As they are read."""
        return [f"{value:,.0f}" for value in values]
