"""Help, What you see: the words that the window uses, for people who do not know attention heads."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.widgets.reading_dialog import ReadingDialog

HOW, HEADS, SPIN, SCREEN, TRAINING = (
    "How an answer is made", "Heads and layers", "SPIN", "What else is on the screen", "Training and measuring",
)
"""The headings, to which question marks lead."""
EXPLAINED = f"""
## {HOW}

The model writes one word at a time. Before each word it looks at your photo and at your question, and weighs which part
of them matters for that word. These weights are its **attention**. They always add up to 100 %.

The photo is cut into 14 x 14 small squares, the **patches**. The **map** over the photo is bright where a patch got
much attention for the word that you clicked.

## {HEADS}

The model doesn't look once for each word but many times side by side. One such look is an **attention head**. Heads
learn different things by themselves: some follow objects, some follow the question, some nothing that has a name.

Heads stand in **layers**, which work one after the other: each starts from what the layer before it found. In the grid
a row is a layer and a square is a head. Its number says how much of its attention was on the photo; the rest was on the
question.

Click a square to see where that head looked. Ctrl+click switches the head off; *Ask again* then shows what the answer
is without it.

## {SPIN}

SPIN (image-guided head suppression) keeps, for each word and in each layer, the heads that look at the photo most. The
others are **suppressed**: multiplied by a number called alpha (α), where 0 silences them and 1 leaves them alone. In
the grid they are hatched. The idea is that an answer then rests on what is in the photo. Whether it helps differs from
model to model: the tab *Measure* shows it.

Settings are written in short: `K=4` keeps four heads in each layer, `r=0.95` keeps that part of them, `alpha 0.1` lets
the others count a tenth, `layers 0:2` is the first two layers only (counted from 0, the last one not included), and
`logits` ranks the heads by their scores before these become weights. *Authors'* are the settings that SPIN's authors
published for their much larger models; *Presets* says what each does on yours: `r=0.95` keeps 7 of 8 heads, and their
first 20 layers are all layers of a model that has four.

## {SCREEN}

* **Probability**: how sure the model was of that word. It may be sure and wrong.
* **Weakly grounded** (dotted): a word that rests on the question far more than the answer's other words do.
* **Class token**: a summary of the whole photo that the model can look at as well. It isn't tied to a
  location, so no map can show it.
* **Class question**: one whose answers are classes that you sorted photos into (*Chat, Classes as a question*). The
  decoder and its heads have no part in its answers; the map shows where the photo speaks for the class.
* **Token**: a word or a piece of a word; the model writes these.

Attention shows where the model looked. It doesn't prove why it said what it said.

## {TRAINING}

* **Pass**: all photos were learnt from once. **Loss**: how surprised the model is by the right answers; lower is
  better.
* **Dev photos**: kept apart and never learnt from, so that measuring on them shows how the model does on new ones.
* **Invented objects** (CHAIR): what the model names, and nobody who described the photo does.
* **CIDEr-D**, **BLEU-4**, **ROUGE-L**: how much captions are like those that people wrote; higher is better.
* **In brackets** stands where a figure would lie with other photos of the same sort, in 95 of 100 cases. Where the
  ranges of two settings overlap much, neither is surely better.
"""


class ExplainedDialog(ReadingDialog):
    """Stays open beside the window, so that one can look from one to the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What you see", name="What the words and pictures mean", parent=parent)
        self.resize(640, 620)
        features = QTextDocument.MarkdownFeature
        self.text.document().setMarkdown(EXPLAINED, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)

    def show_topic(self, heading: str) -> None:
        """Scroll to a heading, which then stands at the top."""
        block = self.text.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and block.text() == heading:
                self.text.setTextCursor(QTextCursor(block))
                place = self.text.document().documentLayout().blockBoundingRect(block).top()
                self.text.verticalScrollBar().setValue(round(place))
                return
            block = block.next()
        raise ValueError(f"the glossary has no heading {heading!r}")
