"""Made-up but lifelike entries for trying things out: the same for the same seed and day. Knows no Django."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

# A sentence with gaps, the tags that go with it, and how often it comes up.
SENTENCES: list[tuple[str, tuple[str, ...], int]] = [
    ("buy {food} and {food}", ("errands", "errands/groceries"), 9),
    ("order {thing} online before the sale ends", ("errands",), 3),
    ("return the {thing} to the shop", ("errands",), 2),
    ("call {person} about the {topic}", ("calls",), 7),
    ("write to {person}: {topic}", ("email",), 6),
    ("water the {plant}", ("home", "home/garden"), 4),
    ("plant the {plant} by the fence", ("home/garden",), 2),
    ("clean the {room}", ("home",), 5),
    ("fix the {thing} in the {room}", ("home", "home/repairs"), 4),
    ("pay invoice {number}", ("finance",), 4),
    ("check the bank statement of {month}", ("finance",), 2),
    ("prepare slides for the {topic}", ("work", "work/meetings"), 5),
    ("review {person}'s draft of the {topic}", ("work",), 6),
    ("book a room in {city} for the {topic}", ("work", "travel"), 3),
    ("book the train to {city}", ("travel",), 4),
    ("renew the passport before {month}", ("travel", "papers"), 1),
    ("read “{book}”", ("reading", "someday"), 4),
    ("return “{book}” to the library", ("reading", "errands"), 2),
    ("dentist: check-up with Dr. {person}", ("health",), 2),
    ("run {number} meters on the treadmill", ("health",), 2),
    ("birthday present for {person}", ("family",), 4),
    ("plan the weekend in {city} with {person}", ("family", "travel"), 3),
    ("back up the photos of {month}", ("computer",), 3),
    ("update the {thing}'s firmware to version {number}", ("computer",), 2),
    ("Müsli, Käse und {food} kaufen", ("errands/groceries",), 1),
    ("купить молоко и {food}", ("errands/groceries",), 1),
    ("réserver une table au Café {city}", ("family",), 1),
    ("買牛乳和{food}", ("errands/groceries",), 1),
]  # fmt: skip
WORDS = {
    "food": "milk|oat milk|bread|rye flour|eggs|butter|olive oil|rice|lentils|tomatoes|apples|lemons|coffee|green tea|"
    "jalapeños|crème fraîche|cheese|yogurt|onions|basil",
    "thing": "printer|kettle|lamp|bicycle|router|dishwasher|drill|camera|raincoat|door handle|heater|clock|shelf",
    "person": "Ada|Bjørn|Chloé|Dmitri|Emeka|Fatima|Grace|Hiroshi|Inés|Jürgen|Kavita|Liam|Mei|Noor|Oksana|Pedro|Zoë",
    "topic": "budget|contract|garden party|launch|insurance|school trip|quarterly figures|new office|tax return|"
    "moving plan|hiring plan|roof repair|summer camp|website",
    "plant": "tomatoes|roses|basil|ferns|orchids|herbs|lemon tree|strawberries",
    "room": "kitchen|bathroom|cellar|attic|garage|living room|balcony|hallway",
    "month": "January|February|March|April|May|June|July|August|September|October|November|December",
    "city": "Lisbon|Oslo|Kraków|Zürich|Montréal|Kyoto|Nairobi|Porto|Tallinn|Valparaíso|Hanoi|Leeds",
    "book": "The Left Hand of Darkness|Middlemarch|Solaris|Pnin|Kindred|Invisible Cities|Ficciones|Beloved|Emma",
}
_GAP = re.compile(r"\{(\w+)\}")
CHOICES = {name: words.split("|") for name, words in WORDS.items()}
NOTES = [
    "Ask {person} first.",
    "See the folder “{topic}”.",
    "About {number} €.",
    "Bring the {thing}.",
    "{city}, {month}",
]


def demo_entries(seed: int, today: date) -> Iterator[dict[str, Any]]:
    """Yield without end the fields of entries: two thirds done, half with a due day, some late, few urgent."""
    dice = Random(seed)  # noqa: S311 # nosec B311 # nobody keeps a secret with it
    weights = [weight for _, _, weight in SENTENCES]
    while True:
        sentence, tags, _ = dice.choices(SENTENCES, weights)[0]
        entry: dict[str, Any] = {"content": _fill(sentence, dice), "tags": list(tags)}
        if dice.random() < 0.1:
            entry["tags"].append(dice.choice(["someday", "waiting", "urgent"]))
        entry["tags"] = list(dict.fromkeys(entry["tags"]))
        if dice.random() < 0.2:
            entry["notes"] = _fill(dice.choice(NOTES), dice)
        if dice.random() < 0.25:
            entry["priority"] = dice.choice([1, 1, 2, 3, 5, 5, 5, 9])
        day = today + timedelta(days=round(dice.triangular(-300, 90, 0)))
        if dice.random() < 0.5:
            at = time(dice.randrange(7, 20), dice.choice([0, 15, 30, 45]), tzinfo=UTC)
            entry["due"] = datetime.combine(day, at) if dice.random() < 0.3 else day
        if day < today - timedelta(days=7) and dice.random() < 0.95:
            entry["completed_at"] = datetime.combine(day, time(dice.randrange(24), tzinfo=UTC))
        yield entry


def _fill(sentence: str, dice: Random) -> str:
    def word(gap: re.Match[str]) -> str:
        return str(dice.randrange(100, 100_000)) if gap[1] == "number" else dice.choice(CHOICES[gap[1]])

    return _GAP.sub(word, sentence)
