"""`docs/settings.md`, made of the table of settings: `python -m spinvlm_desktop.settings.settings_page`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.files.atomic_file import write_text
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_table import SETTINGS, Setting

PAGE = Path("docs", "settings.md")
INTRODUCTION = """\
# Settings

Everything that the program remembers stands in `settings.json` in its folder for settings, which is read at the start and
written within seconds of a change. A value that can't be used is replaced by its default, and the file as it was is kept
beside it. This page is made of the program's own table; `python -m spinvlm_desktop.settings.settings_page` writes it again.
"""


def settings_page() -> str:
    """The page as Markdown."""
    in_dialog = [setting for setting in SETTINGS if setting.group]
    elsewhere = [setting for setting in SETTINGS if not setting.group]
    return "\n".join([
        INTRODUCTION,
        "## In *File, Settings*\n",
        *_table(in_dialog, first=("where", lambda setting: f"{setting.group}: {setting.title}")),
        "\n## Set elsewhere in the window\n",
        *_table(elsewhere),
    ]) + "\n"


def _table(settings: list[Setting], *, first: tuple[str, Any] | None = None) -> list[str]:
    title = f"| {first[0]} " if first else ""
    lines = [f"{title}| name in the file | what it is | what it must be | default |", "|---" * (5 if first else 4) + "|"]
    for setting in settings:
        default = json.dumps(AppSettings().value(setting.name))
        place = f"| {first[1](setting)} " if first else ""
        lines.append(f"{place}| `{setting.name}` | {setting.help} | {setting.kind.words()} | `{default}` |")
    return lines


if __name__ == "__main__":
    write_text(PAGE, settings_page())
