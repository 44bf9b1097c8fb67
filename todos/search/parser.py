"""Text to tree, by recursive descent. The grammar:

either = both { "or" both }
both   = factor { factor }
factor = ( "-" | "not" ) factor | "(" either ")" | leaf
leaf   = "#" name | key ":" value | word | '"' phrase '"'
"""

import re
from typing import Any

from todos.moments import EXPECTED, parse_day_or_moment
from todos.search.folding import fold
from todos.search.tree import FLAGS, KEY, And, Flag, Node, Not, Or, Priority, Span, Tagged, Text, Today, When

MAX_LENGTH, MAX_TERMS, MAX_DEPTH = 500, 30, 30
A_TERM = "a word, a phrase in quotes, #tag, key:value or a group in parentheses"
A_TIME = f"{EXPECTED}, or today, or today+7d; before it <, <=, > or >=, or two of them with .. between"
A_PRIORITY = "a priority from 0 to 9, or two of them with .. between"
_SPACE = re.compile(r"\s*")
_OPERATOR = re.compile(r'(or|not)(?=[\s"()]|$)', re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TODAY = re.compile(r"today([+-]\d{1,5})?(?(1)d)", re.IGNORECASE | re.ASCII)
_SIGN = re.compile("<=|>=|<|>|")


class QueryError(ValueError):
    """A query that does not parse: `position` counts characters from 0, `expected` says what would be right there."""

    def __init__(self, text: str, position: int, expected: str) -> None:
        found = repr(text[position : position + 20]) if position < len(text) else "the end"
        super().__init__(f"The query is not understood at position {position}: expected {expected}, found {found}.")
        self.position, self.expected = position, expected


def parse(text: str) -> Node:
    """Return the tree of a query; QueryError is all that it raises. An empty query finds everything."""
    if len(text) > MAX_LENGTH:
        raise QueryError(text, MAX_LENGTH, f"the end: a query has up to {MAX_LENGTH} characters")
    if found := _UNSTORABLE.search(text):
        raise QueryError(text, found.start(), "a character that an entry can hold")
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth, self.leaves = text, 0, 0, 0

    def whole(self) -> Node:
        self.skip_space()
        if not self.rest():
            return And(())
        tree = self.either()
        if self.rest():
            raise self.error("the end, or a ( before this )")
        return tree

    def either(self) -> Node:
        terms = [self.both()]
        while self.operator() == "or":
            self.at += len("or")
            terms.append(self.both())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def both(self) -> Node:
        terms = [self.factor()]
        while self.rest() and self.rest()[0] != ")" and self.operator() != "or":
            terms.append(self.factor())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def factor(self) -> Node:
        """Read one term, and the space behind it."""
        self.skip_space()
        start, head = self.at, self.rest()[:1]
        if not head or head == ")" or self.operator() == "or":
            raise self.error(A_TERM)
        if head in "-(" or self.operator() == "not":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.error(f"a term: groups and negations are up to {MAX_DEPTH} deep")
            node = self.group() if head == "(" else self.negation(head)
            self.depth -= 1
        else:
            self.leaves += 1
            if self.leaves > MAX_TERMS:
                raise self.error(f"the end: a query has up to {MAX_TERMS} terms", start)
            node = self.leaf(head)
        self.skip_space()
        return node

    def group(self) -> Node:
        self.at += 1
        node = self.either()
        if self.rest()[:1] != ")":
            raise self.error("a closing )")
        self.at += 1
        return node

    def negation(self, head: str) -> Node:
        self.at += 1 if head == "-" else len("not")
        if head == "-" and (not self.rest() or self.rest()[0].isspace()):
            raise self.error("the term that - excludes, without a space; write \\- to search for the sign")
        return Not(self.factor())

    def leaf(self, head: str) -> Node:
        start = self.at
        if head == '"':
            return self.found_text(self.quoted(), start)
        if head == "#":
            self.at += 1
            return self.tag(self.quoted() if self.rest()[:1] == '"' else self.bare(), start + 1)
        key = KEY.match(self.text, self.at)
        if key is None:
            return self.found_text(self.bare(), start)
        self.at = key.end()
        return self.keyed(key[1].lower(), self.bare(), key.end())

    def found_text(self, text: str, start: int) -> Text:
        if not fold(text):
            raise self.error("a letter, a digit or a sign", start)
        return Text(text)

    def tag(self, name: str, start: int) -> Tagged:
        if not fold(name) or len(name) > 100 or set(",#") & set(name):
            raise self.error("a tag's name of 1 to 100 characters without , and #; quotes may stand around it", start)
        return Tagged(name)

    def keyed(self, key: str, value: str, start: int) -> Node:
        if key in FLAGS:
            if value.lower() not in FLAGS[key]:
                raise self.error(f"one of {', '.join(FLAGS[key])}", start)
            return Flag(key, value.lower())
        if key == "priority":
            found = re.fullmatch(r"([0-9])(?:\.\.([0-9]))?", value)
            if not found or found[1] > (found[2] or found[1]):
                raise self.error(A_PRIORITY, start)
            return Priority(int(found[1]), int(found[2] or found[1]))
        return self.span(key, value, start)

    def span(self, field: str, value: str, start: int) -> Span:
        sign = (_SIGN.match(value) or [""])[0]
        first, dots, last = value.removeprefix(sign).partition("..")
        if dots and sign:
            raise self.error(A_TIME, start)
        begin = self.time(first, start)
        end = self.time(last, start) if dots else begin
        if type(begin) is type(end) and _key(begin) > _key(end):
            raise self.error("the earlier time before the ..", start)
        return Span(field, sign, begin, end)

    def time(self, text: str, start: int) -> When:
        if found := _TODAY.fullmatch(text):
            return Today(int(found[1] or 0))
        try:
            return parse_day_or_moment(text)
        except ValueError:
            raise self.error(A_TIME, start) from None

    def bare(self) -> str:
        """Read up to a space, a quote or a parenthesis that no backslash precedes."""
        found = []
        while self.rest() and not (self.rest()[0].isspace() or self.rest()[0] in '"()'):
            found.append(self.character())
        return "".join(found)

    def quoted(self) -> str:
        start, found = self.at, []
        self.at += 1
        while self.rest()[:1] != '"':
            if not self.rest():
                raise self.error('a closing "; write \\" to search for the sign')
            found.append(self.character())
        self.at += 1
        if not found:
            raise self.error("a phrase between the quotes", start + 1)
        return "".join(found)

    def character(self) -> str:
        if self.text[self.at] == "\\":
            self.at += 1
            if not self.rest():
                raise self.error("the character from which the backslash takes the meaning")
        self.at += 1
        return self.text[self.at - 1]

    def operator(self) -> str:
        found = _OPERATOR.match(self.text, self.at)
        return found[1].lower() if found else ""

    def rest(self) -> str:
        return self.text[self.at :]

    def skip_space(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr] # it matches always

    def error(self, expected: str, position: int | None = None) -> QueryError:
        return QueryError(self.text, self.at if position is None else position, expected)


def _key(when: When) -> Any:
    return when.days if isinstance(when, Today) else when
