"""The fonts a document is set in: they come with the hub, so that every machine prints the same page."""
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont
from typst import Fonts

FAMILIES = {  # in the order they are tried; after Latin the scripts of the consent forms (domain.md §5)
    "Noto Sans": "fontpkg_noto_sans",
    "Noto Sans Arabic": "fontpkg_noto_sans_arabic",
    "Noto Sans Ethiopic": "justmytype_intl_africa",
}


def _folder(package: str) -> Path:
    return Path(str(files(package)))


@cache
def fonts() -> Fonts:
    """For Typst: ours alone, neither the machine's nor those inside Typst."""
    return Fonts(include_system_fonts=False, include_embedded_fonts=False,
                 font_paths=[_folder(package) for package in FAMILIES.values()])


def _drawn(file: Path) -> frozenset[int]:
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def coverage() -> tuple[frozenset[int], ...]:
    """The code points of each family, in order: those that every style of it can draw."""
    return tuple(frozenset.intersection(*map(_drawn, _folder(package).rglob("*.ttf")))
                 for package in FAMILIES.values())
