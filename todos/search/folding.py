"""Folded text: what makes words comparable in any script and any case. Pure; knows no database."""

import re
import unicodedata
from collections.abc import Iterable

# Control characters that stand between the parts of an entry's folded text, so that nothing matches across them.
PART, TAG = "\x1f", "\x1d"
_MARKS = re.compile("[\u0300-\u036f]+")


def fold(text: str) -> str:
    """Return `text` without case, width and Latin, Greek or Cyrillic accents (NFKD, marks off, casefold, NFC)."""
    if text.isascii():
        return _unreserved(text.lower())
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return _unreserved(unicodedata.normalize("NFC", bare.casefold()))


def _unreserved(text: str) -> str:
    # `translate` takes as long as all the rest.
    return text.replace(PART, " ").replace(TAG, " ")


def folded_text(content: str, notes: str, tags: Iterable[str]) -> str:
    """Return the text in which an entry is searched: content, notes and every tag, folded and set apart."""
    names = "".join(f"{fold(name)}{TAG}" for name in tags)
    return f"{fold(content)}{PART}{fold(notes)}{PART}{TAG}{names}"


def tag_patterns(name: str) -> tuple[str, str]:
    """Return the two strings of which an entry's folded text holds one if it has the tag, or a tag inside it."""
    return f"{TAG}{fold(name)}{TAG}", f"{TAG}{fold(name)}/"
