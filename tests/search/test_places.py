"""Where a word stands in a text, alone, at a beginning or inside, does not depend on how it is looked for."""

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from todos.search import meaning

# Letters, digits, marks that are part of a word, and what is not.
texts = st.text("ab1_ -.éक्षमะ\u0301י\u05b0😀\n%\\[", min_size=1, max_size=12)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(texts, st.text("ab_1क्ะ", min_size=1, max_size=3))
def test_place_of_a_word_is_the_same_looked_for_place_by_place_or_among_the_words(text: str, word: str) -> None:
    for part in (text, text + word, word + text, f"{text}{word}{text}"):
        if word in part:
            with patch.object(meaning, "FEW", 1000):
                expected = meaning._place(word, part)
            with patch.object(meaning, "FEW", 0):
                assert meaning._place(word, part) == expected
