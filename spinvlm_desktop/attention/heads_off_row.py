"""The heads that the user switched off, and what can be done about them."""

from __future__ import annotations

from PySide6.QtCore import Signal

from core.answers import HeadIndex
from spinvlm_desktop.attention.panel_rows import NoticeRow
from spinvlm_desktop.widgets.controls import push_button


class HeadsOffRow(NoticeRow):
    """Hidden where all heads were on for the answer on show and are on for the next one."""

    ablation_changed = Signal(object)
    """frozenset[(layer, head)]"""
    ask_again_requested = Signal()

    def __init__(self) -> None:
        again = push_button(
            "Ask again", "Ask the same question with these heads switched off", lambda: self.ask_again_requested.emit(),
            primary=True,
        )
        reset = push_button("Reset", "Switch all heads on again", lambda: self.set_ablated(frozenset()))
        super().__init__([again, reset])
        self._again, self._reset = again, reset
        self.ablated: frozenset[HeadIndex] = frozenset()
        """Off for the next answer."""
        self._answered_without: frozenset[HeadIndex] = frozenset()
        self.can_ask = False
        """Whether there is an answer, whose question can be asked again."""

    def set_answered_without(self, ablated: frozenset[HeadIndex]) -> None:
        """The heads that were off for the answer on show, and are now for the next one."""
        self._answered_without = ablated
        self.set_ablated(ablated)

    def set_ablated(self, ablated: frozenset[HeadIndex]) -> None:
        """Switch off these heads, and no others, for the next answer."""
        changed = ablated != self.ablated
        self.ablated = ablated
        done = ablated == self._answered_without
        count = "All heads on" if not ablated else f"{len(ablated)} {'head' if len(ablated) == 1 else 'heads'} off"
        self.show_sentence("" if done and not ablated else f"{count} in {'this' if done else 'the next'} answer")
        self._again.setEnabled(not done and self.can_ask)
        self._reset.setEnabled(bool(ablated))
        if changed:
            self.ablation_changed.emit(ablated)
