"""Everything about where one answer's heads looked, word by word."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.answers import AnswerToken, HalfArray, HeadIndex
from core.photo_layout import PhotoLayout
from spinvlm_desktop.answers.answer_markup import bare
from spinvlm_desktop.answers.answer_words import AnswerWord, answer_words
from spinvlm_desktop.attention.answer_maps import AnswerMaps, CellMaps, maps_of, place_weights
from spinvlm_desktop.attention.head_grid import HeadGrid
from spinvlm_desktop.attention.head_maps import ALL_KEPT, HeadSelection, gate_grid, mass_grid
from spinvlm_desktop.attention.heads_off_row import HeadsOffRow
from spinvlm_desktop.attention.map_view import MapView, WordOnShow
from spinvlm_desktop.attention.panel_rows import NoticeRow, StepRow
from spinvlm_desktop.attention.word_steps import WordSteps
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of

EMPTY = "Ask a question, then click a word of the answer to see where the model looked."
UNCHOSEN = "Click a word of the answer to see where the model looked."
KEY = (
    "Each square is an attention head, with the part of its attention that went to the photo for this word, in %. "
    "Hatched: suppressed. Click: its own map. Ctrl+click: switch it off."
)
EVIDENCE = "Where the photo speaks for “{name}”."
COMING = "The map can be shown when the answer is complete."
BEING_MADE = "This head's map is being made…"


class AttentionPanel(QWidget):
    """Words are known by their place in the answer."""

    heat_map_changed = Signal(object, float, bool)
    """QImage that covers the photo, or None; opacity; whether it is to be smoothed"""
    places_changed = Signal(object, object)
    """PlaceGrid of the answer on show, and the parts of the photo that its model never saw"""
    head_maps_wanted = Signal(object)
    """list[int] of tokens, by their place in the answer, whose heads' maps have to be made again (see `add_head_maps`)"""
    word_selected = Signal(int)
    word_weights_changed = Signal(object)
    """list[float] of each word's attention to a patch, or None"""
    ablation_changed = Signal(object)
    """frozenset[(layer, head)]"""
    ask_again_requested = Signal()
    look_changed = Signal(float, bool)
    """opacity of the map, whether it is smoothed"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: Sequence[AnswerToken] = ()
        self._maps: AnswerMaps | None = None
        self._no_map = ""
        self._words: list[AnswerWord] = []
        self._is_evidence = False
        self._selection = ALL_KEPT
        self._patch: tuple[int, int] | None = None
        self._place = WordSteps(self)
        self._headline = sentence_label("Word on show")
        self._steps = StepRow()
        self._details = QWidget()
        self._patch_row = self._make_patch_row()
        self._off_row = HeadsOffRow()
        column_of(
            self._headline, self._steps, self._patch_row, self._off_row, self._details, 1, parent=self, margins=(2, 2, 2, 2),
            spacing=6,
        )
        self._steps.step_requested.connect(self.step)
        self._steps.play_toggled.connect(self._place.toggle_playing)
        self._steps.choice.selection_chosen.connect(self._select)
        self._place.moved.connect(self._on_moved)
        self._place.playing_changed.connect(self._steps.set_playing)
        self._off_row.ablation_changed.connect(self._on_ablation_changed)
        self._off_row.ask_again_requested.connect(self.ask_again_requested)
        self._fill_details()
        self._show_word()

    def _fill_details(self) -> None:
        self.grid = HeadGrid()
        self.grid.head_chosen.connect(self._on_head_chosen)
        self.grid.ablation_toggled.connect(self._on_ablation_toggled)
        self._key = sentence_label("Key of the grid", KEY, muted=True)
        self.map = MapView()
        """Of the word on show; whoever has more room for it elsewhere may take it there."""
        self.map.heat_map_changed.connect(self.heat_map_changed)
        self.map.look_changed.connect(self.look_changed)
        column_of(self.grid, self._key, self.map, parent=self._details, margins=(), spacing=6)

    def _make_patch_row(self) -> NoticeRow:
        clear = push_button("Clear", "Show the answer without these colours", self.clear_patch)
        clear.setAccessibleName("Clear the words' colours")
        return NoticeRow([clear])

    # -- the answer

    def set_answer(
        self, tokens: Sequence[AnswerToken], *, ablated: frozenset[HeadIndex] | None = None, layout: PhotoLayout | None = None,
        is_evidence: bool = False,
    ) -> None:
        """Show an answer; the word on show stays chosen where there still is one in its place.

        layout: where the cells of a pretrained model's maps lie, as soon as that is known; ablated: the heads that were off
        by hand when it was made, None leaves those chosen now as they are; is_evidence: it answers a class question, in which no
        head has a part.
        The same answer, as it grows, goes on being played and keeps its chosen patch.
        """
        goes_on = bool(tokens) and bool(self._tokens) and tokens[0] is self._tokens[0]
        if not goes_on or not isinstance(self._maps, CellMaps):
            self._maps, self._no_map = maps_of(tokens, layout), ""
            if self._maps is not None:
                self.places_changed.emit(self._maps.places, self._maps.unseen)
        self._is_evidence = is_evidence
        for part in (self.grid, self._key, self._steps.choice):
            part.setVisible(not is_evidence)
        self._tokens, self._words = tuple(tokens), answer_words(tokens)
        self._place.set_count(len(self._words))
        if not goes_on:
            self._place.stop()
        if not goes_on:
            self.clear_patch()
        self._off_row.can_ask = bool(self._words)
        if ablated is not None:
            self._off_row.set_answered_without(ablated)
        if self._words and self._steps.choice.set_shape(*self._words[0].tokens[0].image_mass.shape):
            self._selection = ALL_KEPT
        self._show_word()
        self._emit_word_weights()

    def clear(self) -> None:
        """No answer."""
        self._tokens, self._words, self._maps = (), [], None
        self._place.set_count(0)
        self._place.leave()
        self.clear_patch()
        self._off_row.can_ask = False
        self._off_row.set_answered_without(frozenset())
        self._show_word()

    def current_word(self) -> AnswerWord | None:
        return None if self._place.index is None else self._words[self._place.index]

    def map_in_words(self) -> str:
        """What the map on show is of; empty where there is none."""
        word = self.current_word()
        if word is not None and self._is_evidence:
            return EVIDENCE.format(name=bare(word.text))
        return "" if word is None else f"Where the model looked for “{bare(word.text)}” ({self._selection.in_words()})."

    def select_word(self, index: int) -> None:
        """Show the map of the word in this place, and stay there."""
        self._place.select(index)

    def unselect_word(self) -> None:
        """No word, and so no map."""
        self._place.leave()
        self._show_word()

    def forget_selection(self) -> None:
        """Show the map of all kept heads again."""
        self._select(ALL_KEPT)

    def step(self, steps: int) -> None:
        """Go on to a later or an earlier word, and stay there."""
        self._place.step(steps)

    def play(self) -> None:
        """Step through the words, from the first where the last is on show."""
        self._place.play()

    def _on_moved(self, index: int) -> None:
        self._show_word()
        self.word_selected.emit(index)

    # -- heads

    def ablated(self) -> frozenset[HeadIndex]:
        """Heads that the user switched off."""
        return self._off_row.ablated

    def set_ablated(self, ablated: frozenset[HeadIndex]) -> None:
        """Switch off these heads, and no others, for the next answer."""
        self._off_row.set_ablated(ablated)

    def _on_ablation_changed(self, ablated: frozenset[HeadIndex]) -> None:
        self.grid.set_ablated(ablated)
        self.ablation_changed.emit(ablated)

    def _on_ablation_toggled(self, layer: int, head: int) -> None:
        self.set_ablated(self.ablated() ^ {(layer, head)})

    def _on_head_chosen(self, head: HeadIndex) -> None:
        chosen = HeadSelection(*head)
        self._select(ALL_KEPT if chosen == self._selection else chosen)

    def _select(self, selection: HeadSelection) -> None:
        self._selection, self._no_map = selection, ""
        self._show_word()
        self._emit_word_weights()

    # -- what is shown

    def set_look(self, *, opacity: float, smooth: bool) -> None:
        """How the map covers the photo. opacity: in [0, 1]."""
        self.map.set_look(opacity=opacity, smooth=smooth)

    def _show_word(self) -> None:
        word = self.current_word()
        self._steps.setVisible(bool(self._words))
        self._details.setVisible(word is not None)
        self.map.setVisible(word is not None)
        if word is None:
            self._headline.setText(UNCHOSEN if self._words else EMPTY)
        elif self._is_evidence:
            said = EVIDENCE.format(name=bare(word.text))
            self._headline.setText(f"{said} Told apart by your photos; no head had a part in it.")
        else:
            self._headline.setText(
                f"“{bare(word.text)}” — word {word.index + 1} of {len(self._words)}, probability {word.probability:.0%}, "
                f"{word.image_mass:.0%} of the attention on the photo"
            )
        if word is not None:
            self.grid.set_grid(mass_grid(word), gate_grid(word))
            chosen = self._selection
            self.grid.set_selected(None if chosen.layer is None else (chosen.layer, chosen.head))
            self._steps.choice.show_selection(chosen)
        self._show_map()

    def _show_map(self) -> None:
        word, maps = self.current_word(), self._maps
        if word is None or maps is None:
            self.map.show_word(None, instead="" if word is None else COMING)
            return
        missing = maps.missing(word, self._selection)
        self.map.show_word(
            WordOnShow(word, self._words, maps, self._selection, self._is_evidence), instead=self._no_map or BEING_MADE
        )
        if missing and not self._no_map:
            self.head_maps_wanted.emit(missing)

    def add_head_maps(self, index: int, maps: HalfArray) -> None:
        """maps: [layers, heads, cells] of the answer's token in this place, as they were asked for."""
        if isinstance(self._maps, CellMaps):
            self._maps.add_heads(index, maps)
            word = self.current_word()
            if word is not None and not self._maps.missing(word, self._selection):
                self._show_map()

    def fail_head_maps(self, sentence: str) -> None:
        """Why the map of a single head can't be shown."""
        self._no_map = sentence
        self._show_map()

    def show_patch(self, row: int, column: int) -> None:
        """Tell each word's attention to a place of the photo, until `clear_patch` or another answer."""
        if self._words and self._maps is not None and row < self._maps.places.rows and column < self._maps.places.columns:
            self._patch = row, column
            self._patch_row.show_sentence(
                f"The words' colours: their attention to the {self._maps.unit} in row {row + 1}, column {column + 1}"
            )
            self._emit_word_weights()

    def clear_patch(self) -> None:
        """The words without colours."""
        if self._patch is not None:
            self._patch = None
            self._patch_row.show_sentence("")
            self.word_weights_changed.emit(None)

    def _emit_word_weights(self) -> None:
        if self._patch is not None and self._maps is not None:
            self.word_weights_changed.emit(place_weights(self._maps, self._words, *self._patch, self._selection))

