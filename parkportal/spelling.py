"""How Chinese names are searched: as they are written, by pinyin, and by initials. Pure."""

from pypinyin import Style, lazy_pinyin


def search_text(name: str, *others: str) -> str:
    """The name, its pinyin and initials, and what else finds the row, in small letters: “fsk” finds “富士康”."""
    spelt = ("".join(lazy_pinyin(name, style=style)) for style in (Style.NORMAL, Style.FIRST_LETTER))
    return " ".join(filter(None, (name, *spelt, *others))).lower()
