"""JSON schemas of the values that headers, parameters and members take, where more can be said than their type."""

from typing import Any

Schema = dict[str, Any]

# An octet that an entity tag holds (RFC 9110, 8.8.3), and an entity tag.
_TAGGED = r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# A character of a tag's name; within it there may be spaces, too.
_LETTER, _WITHIN = r"[^\s,#\x00-\x1f\x7f-\x9f]", r"[^,#\x00-\x1f\x7f-\x9f]"
# A character that trimming leaves: separators of information are space here, in regular expressions not.
_INK = r"[^\s\x00\x1c-\x1f\x85]"

UUID_TEXT: Schema = {"type": "string", "format": "uuid"}
KEY_TEXT: Schema = {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"}
ENTITY_TAGS: Schema = {
    "type": "string",
    "format": "entity-tags",
    "pattern": rf"^(\*|{_TAGGED}(\s*,\s*{_TAGGED})*)$",
}
CURSOR: Schema = {"type": "string", "minLength": 1}
MOMENT: Schema = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
TEXT: Schema = {"type": "string", "pattern": r"^[^\x00]*$"}
CONTENT: Schema = {"type": "string", "pattern": rf"^[^\x00]*{_INK}[^\x00]*$", "minLength": 1, "maxLength": 2000}
QUERY: Schema = {**TEXT, "maxLength": 500}
TAG_NAME: Schema = {"type": "string", "pattern": rf"^{_LETTER}({_WITHIN}{{0,98}}{_LETTER})?$"}


def whole_number(low: int, high: int, default: int) -> Schema:
    """Return the schema of a whole number in a range."""
    return {"type": "integer", "minimum": low, "maximum": high, "default": default}
