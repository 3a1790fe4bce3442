"""What a system wants to know of a program: macOS by Info.plist, Windows by a version resource, Linux by a desktop file."""

from __future__ import annotations

from typing import Any

NAME = "SpinVLM"
SUMMARY = "Ask questions about photos"
MIME_TYPES = ("image/jpeg", "image/png", "image/webp", "image/bmp", "image/tiff", "image/gif", "image/heic", "image/heif")
MAC_TYPES = (
    "public.jpeg", "public.png", "org.webmproject.webp", "com.microsoft.bmp", "public.tiff", "com.compuserve.gif",
    "public.heic", "public.heif",
)
"""Apple's names of the same formats."""


def mac_information() -> dict[str, Any]:
    """What Info.plist has besides names and version: the Finder offers the program under *Open With* for images."""
    return {
        "CFBundleDisplayName": NAME,
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Image", "CFBundleTypeRole": "Viewer", "LSHandlerRank": "Alternate",
                "LSItemContentTypes": list(MAC_TYPES),
            }
        ],
        "LSApplicationCategoryType": "public.app-category.graphics-design",
        "LSMinimumSystemVersion": "12.0",
        "NSHighResolutionCapable": True,
        "NSPrincipalClass": "NSApplication",
    }


def windows_version(version: str) -> str:
    """The version resource as PyInstaller reads it. version: such as `1.2.3`."""
    numbers = tuple((*(int(part) for part in version.split(".")[:3]), 0, 0, 0, 0)[:4])
    texts = {
        "CompanyName": NAME, "FileDescription": f"{NAME} - {SUMMARY}", "FileVersion": version, "InternalName": NAME,
        "LegalCopyright": "Apache License 2.0", "OriginalFilename": f"{NAME}.exe", "ProductName": NAME, "ProductVersion": version,
    }
    strings = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in texts.items())
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, "
        f"fileType=0x1, subtype=0x0, date=(0, 0)), kids=[StringFileInfo([StringTable('040904B0', [{strings}])]), "
        "VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def desktop_entry(command: str) -> str:
    """The desktop file (freedesktop.org's Desktop Entry Specification). command: the program, quoted where it must be."""
    return "\n".join([
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.0",
        f"Name={NAME}",
        "GenericName=Photo Questions",
        f"Comment={SUMMARY}, offline, with a small vision-language model",
        f"Exec={command} %F",
        "Icon=spinvlm",
        "Terminal=false",
        "StartupNotify=true",
        f"StartupWMClass={NAME}",
        "Categories=Graphics;",
        "Keywords=photo;image;question;caption;attention;vision;",
        f"MimeType={';'.join(MIME_TYPES)};",
    ]) + "\n"
