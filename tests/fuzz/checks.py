"""Three checks of schemathesis that know, too, what the contract says and no schema can; each replaces the shipped one.

All others are as shipped.
"""

import re
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi import checks as shipped

# Reasons to refuse a request that no schema can state: they lie in what is stored, or between values.
BEYOND_SCHEMAS = re.compile(
    "This is no cursor that this server gave"  # it is signed
    "|This cursor belongs to other parameters"
    "|By relevance is what a search has found"
    "|The query is not understood"  # a language of its own
    "|The owner is at revision"
    "|Two of the tags are the same but for case"
    "|A tag needs a letter or digit, and fewer ligatures"
    "|is no day of the calendar"  # the year 0, and the last one in UTC
    "|This is set by the server; leave it out or as it is"
    "|This is another id than the address names"
    "|completed and completed_at contradict each other"
    "|extra holds up to"
    "|A string holds a character that cannot be stored"  # somewhere in `extra`
    "|This is a whole JSON number"  # 3.0 is none here, though a schema takes it for one
    "|beyond ±9007199254740991"  # 1e16 is no error, 10000000000000000 is; a schema takes both for one number
    "|nested deeper than 32 levels"
)
# Of itself it puts letters and digits into headers, which no entity tag is made of alone.
TAGS = strategies.lists(strategies.sampled_from(['"1"', '"42"', 'W/"1"', '""', '"é"', '"a,b"']), min_size=1, max_size=3)
schemathesis.openapi.format("entity-tags", strategies.just("*") | TAGS.map(", ".join))
BATCH = "POST /api/v1/batch/"


@CHECKS.register
def positive_data_acceptance(ctx: Any, response: Any, case: Any) -> Any:
    """What the schema allows is accepted, or refused for a reason beyond it."""
    if response.status_code == 400 and all(map(BEYOND_SCHEMAS.search, _details(response.json()))):
        return None
    return shipped.positive_data_acceptance(ctx, response, case)


@CHECKS.register
def negative_data_rejection(ctx: Any, response: Any, case: Any) -> Any:
    """What the schema forbids is refused; of a batch that is not atomic, each operation by itself.

    A content is measured without the space around it.
    """
    if case.operation.label == BATCH and response.status_code == 200:
        results = response.json().get("results", [])
        if any(result["status"] >= 400 for result in results):
            return None
    content = case.body.get("content") if isinstance(case.body, dict) else None
    if isinstance(content, str) and len(content.strip()) <= 2000 < len(content):
        return None
    return shipped.negative_data_rejection(ctx, response, case)


@CHECKS.register
def use_after_free(ctx: Any, response: Any, case: Any) -> Any:
    """What was deleted is gone; an entry is in the trash, where it can be read and changed, and says so."""
    if response.status_code == 200 and "/todos/{id}/" in case.operation.path and response.json().get("deleted_at"):
        return None
    return shipped.use_after_free(ctx, response, case)


def _details(problem: dict[str, Any]) -> list[str]:
    return [error["detail"] for error in problem.get("errors", [])] or [problem["detail"]]
