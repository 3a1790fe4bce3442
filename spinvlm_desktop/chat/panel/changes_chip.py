"""A chip beside the question's field that says what is not as it was measured for the model."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton, QWidget


class ChangesChip(QToolButton):
    """A click puts everything back; its place is kept while it is hidden, so that nothing moves when it comes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("chip", True)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.show_changes(heads_off=0, spin_changed=False)

    def show_changes(self, *, heads_off: int, spin_changed: bool) -> None:
        """heads_off: switched off by hand. spin_changed: differs from what was measured for the model."""
        heads = f"{heads_off} {'head' if heads_off == 1 else 'heads'} off" if heads_off else ""
        parts = [part for part in (heads, "SPIN changed" if spin_changed else "") if part]
        said = " · ".join(parts)
        self.setText(f"{said}  ×")
        self.setAccessibleName(f"{said}: put back" if said else "Put heads and SPIN back")
        self.setToolTip("The next answer is made with this. A click puts heads and SPIN back to what was measured for the model")
        self.setVisible(bool(said))
