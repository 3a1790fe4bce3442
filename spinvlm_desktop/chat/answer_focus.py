"""The answer that the attention panel is about: its words in the chat, its maps over the photo."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from spinvlm_desktop.answers.answer_markup import bare
from spinvlm_desktop.answers.answer_words import answer_words
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.turns import Focus, ShownTurn

SHORT_WORD = 3
"""Letters; words up to this length are mostly articles and prepositions."""


class AnswerFocus(QObject):
    """Keeps chat, attention panel and photo at the same answer and word."""

    def __init__(self, tab: ChatTab, turns: Mapping[int, ShownTurn], parent: QObject | None = None) -> None:
        """turns: those on show, as they are at any time."""
        super().__init__(parent)
        self._tab, self._turns = tab, turns
        self._focus: Focus | None = None
        attention = tab.attention
        tab.look_inside.toggled.connect(self._on_looking)
        tab.dismissed.connect(self._on_dismissed)
        tab.image.patch_clicked.connect(attention.show_patch)
        tab.chat.word_chosen.connect(self._on_word_chosen)
        attention.heat_map_changed.connect(self._on_heat_map)
        attention.places_changed.connect(tab.image.set_places)
        attention.word_selected.connect(self._on_word_selected)
        attention.word_weights_changed.connect(self._on_word_weights)

    @property
    def focus(self) -> Focus | None:
        """Which answer it is, where there is one."""
        return self._focus

    def turn(self) -> ShownTurn | None:
        """The turn of the answer, where there is one."""
        return None if self._focus is None else self._turns.get(self._focus.turn_id)

    def set(self, focus: Focus | None, *, word: int | None = None) -> None:
        """Show an answer in the attention panel, with a word's map.

        Without a word it is, of the longer ones, the one that looks at the photo most; none unless the user looks inside.
        """
        if self._focus is not None and self._focus != focus:
            self._tab.chat.select_word(self._focus.turn_id, self._focus.side, None)
        self._focus = focus
        if focus is None:
            self._tab.changed.hide()
            self._tab.attention.clear()
            self._tab.image.view.overlays.set_caption("")
            self._tab.image.set_heat_map(None, opacity=0.0, smooth=False)
            return
        turn = self._turns[focus.turn_id]
        self._tab.attention.set_answer(
            turn.side(focus.side), ablated=turn.ablated, layout=turn.layout(focus.side),
            is_evidence=turn.of_classes,
        )
        if word is not None:
            self._tab.attention.select_word(word)
        elif self._tab.look_inside.isChecked():
            self._select_telling_word()
        else:
            self._unselect_word()

    def _select_telling_word(self) -> None:
        turn = self.turn()
        words = [] if turn is None or self._focus is None else answer_words(turn.side(self._focus.side))
        if words:
            longer = [word for word in words if len(word.text) > SHORT_WORD] or words
            self._tab.attention.select_word(max(longer, key=lambda w: w.image_mass).index)

    def _unselect_word(self) -> None:
        self._tab.attention.unselect_word()
        self._tab.image.view.overlays.set_caption("")
        if self._focus is not None:
            self._tab.chat.select_word(self._focus.turn_id, self._focus.side, None)

    def shown(self) -> tuple[str, str] | None:
        """Question and answer."""
        turn = self.turn()
        if turn is None or self._focus is None:
            return None
        return turn.question, "".join(token.text for token in turn.side(self._focus.side)).strip()

    def answers(self) -> list[tuple[str, str]]:
        """Name and text of the answer, or of both where it is one of a comparison's."""
        turn = self.turn()
        return [] if turn is None else turn.answers()

    def settings(self) -> str:
        """How the answer was made: model, head suppression, heads off by hand."""
        turn = self.turn()
        return "" if turn is None or self._focus is None else turn.settings_of(self._focus.side)

    def _on_word_chosen(self, turn_id: int, side: str, word: int) -> None:
        if turn_id not in self._turns:
            return
        chosen, shown = Focus(turn_id, side), self._tab.attention.current_word()
        again = chosen == self._focus and shown is not None and shown.index == word
        if again and not self._tab.look_inside.isChecked():
            self._unselect_word()
        else:
            self.set(chosen, word=word)

    def _on_word_selected(self, word: int) -> None:
        if self._focus is not None:
            self._tab.chat.select_word(self._focus.turn_id, self._focus.side, word)
        self._show_caption()

    def _show_caption(self) -> None:
        """Over the photo, where no panel says what the map is of."""
        word = self._tab.attention.current_word()
        alone = word is not None and not self._tab.look_inside.isChecked()
        caption = f"Where the model looked for “{bare(word.text)}”" if word is not None and alone else ""
        self._tab.image.view.overlays.set_caption(caption)

    def _on_looking(self, looking: bool) -> None:
        if not looking:
            self._tab.attention.clear_patch()
            self._unselect_word()
        elif self._tab.attention.current_word() is None:
            self._select_telling_word()
        self._show_caption()

    def _on_dismissed(self) -> None:
        if not self._tab.look_inside.isChecked():
            self._unselect_word()

    def _on_word_weights(self, weights: list[float] | None) -> None:
        if weights is None:
            self._tab.image.set_patch(None)
        if self._focus is not None:
            self._tab.chat.set_word_weights(self._focus.turn_id, self._focus.side, weights)

    def _on_heat_map(self, image: QImage | None, opacity: float, smooth: bool) -> None:
        self._tab.image.set_heat_map(image, opacity=opacity, smooth=smooth)
