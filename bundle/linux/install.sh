#!/bin/sh
# Adds SpinVLM to the desktop's menu, to "Open with" of images, and as `spinvlm` to ~/.local/bin; --remove takes all of it away.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/spinvlm.desktop
icon=$data/icons/hicolor/256x256/apps/spinvlm.png
command=$HOME/.local/bin/spinvlm

refresh() {
    if command -v update-desktop-database >/dev/null 2>&1; then
        update-desktop-database -q "$data/applications" || true
    fi
}

if [ "${1:-}" = --remove ]; then
    rm -f -- "$entry" "$icon"
    if [ -L "$command" ]; then rm -f -- "$command"; fi
    refresh
    echo "SpinVLM is no longer in the menu. Delete this folder to remove the program; what it kept is in $data/SpinVLM."
    exit 0
fi

mkdir -p -- "$data/applications" "$(dirname -- "$icon")" "$(dirname -- "$command")"
# The Desktop Entry Specification: inside quotes " ` $ and \ are escaped, every \ once more as in any string, and % is doubled.
program=$(printf '%s' "$here/SpinVLM" | sed -e 's/\\/\\\\\\\\/g' -e 's/["`$]/\\\\&/g' -e 's/%/%%/g')
while IFS= read -r line; do
    case $line in
    Exec=*) printf 'Exec="%s" %%F\n' "$program" ;;
    *) printf '%s\n' "$line" ;;
    esac
done <"$here/spinvlm.desktop" >"$entry.part"
mv -f -- "$entry.part" "$entry"
cp -f -- "$here/spinvlm.png" "$icon"
if [ ! -e "$command" ] || [ -L "$command" ]; then ln -sf -- "$here/SpinVLM" "$command"; fi
refresh
echo "SpinVLM is in the menu, opens images by \"Open with\", and answers as: spinvlm ask --image PHOTO (where ~/.local/bin is on the PATH)"
