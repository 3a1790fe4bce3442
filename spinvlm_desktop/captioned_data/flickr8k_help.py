"""Where people without captioned photos get some: Flickr8k, step by step."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from spinvlm_desktop.widgets.reading_dialog import ReadingDialog

PAGE, FORM = "http://nlp.cs.illinois.edu/HockenmaierGroup/8k-pictures.html", "https://forms.illinois.edu/sec/1713398"
STEPS = f"""
### Flickr8k: 8,000 photos with five captions each

1. **Ask for it.** The University of Illinois gives it out: [its page]({PAGE}) shows what it is, [its form]({FORM}) is where to
   ask, and the answer by mail has the links. Where they no longer answer, search for “Flickr8k dataset”: copies are about.
2. **Accept its terms.** The photos belong to the people who put them on Flickr. They are for **non-commercial research and
   education** only: a model that learnt from them may not be sold. The captions are by Hodosh, Young and Hockenmaier (2013),
   whose paper is to be cited.
3. **Take two files**: `Flickr8k_Dataset.zip` (the photos, about 1 GB) and `Flickr8k_text.zip` (the captions, 3 MB). In copies
   they may be one archive with a folder `Images` and a file `captions.txt`, which is as good.
4. **Unpack both into one folder**, so that it holds

   * the photos' folder, `Flicker8k_Dataset` or `Images`, and
   * the captions, `Flickr8k.token.txt` or `captions.txt`;
   * the lists `Flickr_8k.trainImages.txt`, `Flickr_8k.devImages.txt` and `Flickr_8k.testImages.txt`, where you have them: then
     your figures can be compared with other people's.

5. **Drop that folder here**, and look whether about 8,000 photos and 40,000 captions are found.

This program downloads none of it: a link opens in your browser.
"""


class Flickr8kHelp(ReadingDialog):
    """To be read; links open in the browser."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Photos with captions to learn from", name="How to get Flickr8k", parent=parent)
        self.resize(720, 560)
        self.text.setOpenExternalLinks(True)
        self.text.setMarkdown(STEPS)
