"""Folded text is NFKD without U+0300 to U+036F, casefolded, NFC: words of any script are compared without case."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from todos.search import PART, TAG, fold, folded_text

SAME: list[tuple[str, str]] = [
    ("CAFÉ", "cafe"),
    ("cafe\u0301", "cafe"),
    ("Ångström", "angstrom"),
    ("jalapeño", "jalapeno"),
    ("Łódź", "łodz"),  # a stroke is no accent: the letter is another one
    ("STRASSE", "strasse"),
    ("Straße", "strasse"),
    ("ẞ", "ss"),
    ("ﬁﬂ", "fifl"),
    ("ＭＩＬＫ", "milk"),
    ("①②", "12"),
    ("x²", "x2"),
    ("İSTANBUL", "istanbul"),
    ("TIẾNG VIỆT", "tieng viet"),
    ("ТЕКСТ", "текст"),
    ("Ёлка", "елка"),
    ("Йод", "иод"),
    ("ΟΔΟΣ", "οδοσ"),
    ("οδός", "οδοσ"),
    ("ᾨδή", "ωδη"),
    ("ՀԱՅ", "հայ"),
    ("ᲥᲐᲠᲗᲣᲚᲘ", "ქართული"),
    ("ﷺ", "صلى الله عليه وسلم"),
    ("ﺏ", "ب"),
    ("\u1112\u1161\u11ab", "한"),
    ("ｶﾞ", "ガ"),
    ("㍿", "株式会社"),
    ("\ufa19", "\u795e"),
    ("ﬡ", "א"),
    ("a\u00a0b", "a b"),
]
KEPT = ["買牛乳", "한국어", "สวัสดี", "ภาษาไทย", "क्षेत्र", "হৃদয়", "שָׁלוֹם", "مَرْحَبًا", "ガラス", "👩‍👩‍👧", "👍🏽", "50%_'\"\\"]


@pytest.mark.parametrize(("text", "folded"), SAME)
def test_text_is_folded_without_case_width_and_accents(text: str, folded: str) -> None:
    assert fold(text) == unicodedata.normalize("NFC", folded)
    assert fold(folded) == fold(text)


@pytest.mark.parametrize("text", KEPT)
def test_marks_that_are_no_accents_are_kept(text: str) -> None:
    assert fold(text) == unicodedata.normalize("NFC", text)


@settings(max_examples=1000, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(exclude_characters="\x00" + PART + TAG, exclude_categories=["Cs"])))
def test_folding_is_what_the_contract_says(text: str) -> None:
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if not 0x300 <= ord(char) <= 0x36F)
    assert fold(text) == unicodedata.normalize("NFC", bare.casefold())


def test_nothing_matches_across_the_parts_of_an_entry() -> None:
    folded = folded_text(f"a{PART}", f"b{TAG}", ["c", "d"])

    assert folded.count(PART) == 2
    assert folded.count(TAG) == 3
    assert fold(f"{PART}{TAG}") == "  "
