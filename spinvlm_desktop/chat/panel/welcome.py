"""What the chat says before the first question: what can be asked, and what the model in use can and can't."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from spinvlm_desktop.widgets.buttons.question_button import QuestionButton
from spinvlm_desktop.widgets.labels import as_title, sentence_label, show_or_hide

SUGGESTIONS = (DEFAULT_QUESTION, "Is there a person?", "How many people are there?", "Where was this photo taken?")
PRIVATE = "It is answered on this computer; nothing is sent anywhere."
ASK = f"{PRIVATE} Click a word of an answer to see where the model looked."
DROP = f"Drop one on the left, paste it, or take a sample. {PRIVATE}"


class Welcome(QWidget):
    """Suggestions are there only while there is a photo to ask about."""

    question_chosen = Signal(str)
    better_wanted = Signal()
    """Another model is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 28, 12, 12)
        column.setSpacing(10)
        self._title = as_title(QLabel())
        self._title.setWordWrap(True)
        self._hint = QLabel()
        self._hint.setWordWrap(True)
        self._hint.setProperty("muted", True)
        column.addWidget(self._title)
        column.addWidget(self._hint)
        self._questions = QWidget()
        rows = QVBoxLayout(self._questions)
        rows.setContentsMargins(0, 0, 0, 0)
        for text in SUGGESTIONS:
            button = QuestionButton(text, "Ask this")
            button.clicked.connect(lambda _checked=False, text=text: self.question_chosen.emit(text))
            rows.addWidget(button)
        column.addWidget(self._questions)
        self._model = sentence_label("What the model can and can't")
        column.addSpacing(8)
        column.addWidget(self._model)
        self._better = QPushButton("Get a better model")
        self._better.setToolTip("Pretrained models, which answer better and take longer")
        self._better.clicked.connect(lambda _checked=False: self.better_wanted.emit())
        column.addWidget(self._better, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_model("", can_be_better=False)
        self.show_photo(False)

    def show_photo(self, there: bool) -> None:
        """Whether there is a photo to ask about."""
        self._title.setText("Ask something about your photo" if there else "Ask questions about a photo")
        self._hint.setText(ASK if there else DROP)
        self._questions.setVisible(there)

    def show_model(self, sentence: str, *, can_be_better: bool) -> None:
        """What the model in use can and can't, and whether another can be had."""
        show_or_hide(self._model, sentence)
        self._better.setVisible(can_be_better)
