"""Help, What you see: the words that the window uses, for people who do not know attention heads."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.widgets.help.help_topics import (
    CERTAINTY,
    COMPARING,
    FIGURES,
    HEADS,
    HOW,
    SCREEN,
    SETTINGS,
    SPIN,
    TRAINING,
    TRAINING_SETTINGS,
)
from spinvlm_desktop.widgets.reading_dialog import ReadingDialog

EXPLAINED = f"""
## {HOW}

The model writes one word at a time. Before each word it looks at your photo and at your question, and weighs which part
of them matters for that word. These weights are its **attention**. They always add up to 100 %.

The photo is divided into small squares, the **patches** (9 x 9 for the starter model). The **map** over the photo is
bright where a patch got much attention for the word that you clicked.

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

## {SETTINGS}

*Adjust* sets how many heads are kept, how much the others count (alpha), in which layers, and how heads are ranked.
*Presets* are known settings, each with what it does on your model.

Settings are written in short: `K=4` keeps four heads in each layer, `r=0.95` keeps that part of them, `alpha 0.1` lets
the others count a tenth, `layers 0:2` is the first two layers only (counted from 0, the last one not included), and
`logits` ranks the heads by their scores before these become weights. *Authors'* are the settings that SPIN's authors
published for their much larger models. In a small model `r=0.95` keeps 7 of 8 heads, and their first 20 layers are all
four that it has.

## {COMPARING}

*Compare* has the model answer twice, with SPIN off and with SPIN on. Words that only one of the two answers has are
marked. The line below says from which token on they differ, and how probable each of the two words was. From there on
the answers may go their own ways: one other word changes all that follow.

## {CERTAINTY}

The words beside an answer say how likely it is to be right. That was measured on photos that the model hadn't seen: the
program counted how often answers with the same probability were right, separately for each kind of question.

* **Sure**: at least 90 of 100 such answers were right.
* **Fairly sure**: at least 65 of 100 were.
* **Not sure: perhaps**: fewer were.
* **Not sure enough to answer**: a color, a number, a yes or a no that is more likely wrong than right is held back.
  *Show guess* shows it.

A description counts as right where it names something that people see in the photo, and nothing that they don't.
Models without such a measurement, pretrained ones for example, say nothing of their certainty.

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
* **Stage 1, warm-up**: only the part that writes learns. **Stage 2, fine-tuning**: the part that sees learns as well.

## {TRAINING_SETTINGS}

* **Learning rate**: how large a step the weights take each time. Too large, and the loss jumps; too small, and the
  training takes long. **Layer decay**: the encoder's first layers, which see edges and colours, take smaller steps.
* **Photos a step**: how many photos each step learns from. More need more memory.
* **Patience**: after how many passes without a better dev loss a stage ends.
* **Captions, questions, yes/no questions a photo**: how many of each are learnt from in a pass.
* **Weight of short answers**: how much they count against captions, whose answers are much longer.
* **Dropout**, **label smoothing**, **weight decay**: three ways to keep a model from memorising photos.
* **Head dropout**: silences heads at random, so that the model loses little when SPIN does.
* **Attention to boxes**: draws some heads to the boxes that come with captions.
* **Words and word parts**: how many tokens the model's vocabulary has. **Seed**: the same number gives the same run.

## {FIGURES}

* **Invented objects** (CHAIR): of the objects that captions name, those that nobody named who described the photo.
  **Captions that invent**: captions with at least one of them. Lower is better.
* **Objects found**: of the objects that several people named, those that the captions name too. Higher is better.
* **CIDEr-D**, **BLEU-4**, **ROUGE-L**: how much captions are like those that people wrote. Higher is better.
* **Words**: the length of a caption. **ms a token**: the time that each token takes.
* **Right**, **Sure**, **Held back** (*Certainty*): answers that were right, that were called sure, and that were held
  back. **Off by**: how far certainty and the share of right answers lie apart; lower is better.
* **Wrong photo**: the same with another photo before the model, which shows what guessing is worth.
* **In brackets** stands where a figure would lie with other photos of the same sort, in 95 of 100 cases. Where the
  ranges of two settings overlap much, neither is certain to be better.
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
