"""The ledger: one number for each write, none for what changes nothing or fails."""

from typing import Any

import pytest
from django.db import transaction

from todos import ledger
from todos.models import Ledger, TodoEntry


def revision(owner: Any) -> int:
    """Return the revision of an owner."""
    return Ledger.objects.filter(pk=owner.pk).values_list("revision", flat=True).first() or 0


def test_write_that_changes_raises_the_revision_by_one(owner: Any) -> None:
    for expected in (1, 2, 3):
        with ledger.write(owner.pk) as write:
            write.number(())
        assert (write.revision, revision(owner)) == (expected, expected)


def test_write_that_changes_nothing_leaves_no_revision(owner: Any) -> None:
    with ledger.write(owner.pk) as write:
        assert write.revision == 1
    assert revision(owner) == 0
    with ledger.write(owner.pk) as again:
        again.number(())
    assert (again.revision, revision(owner)) == (1, 1)


def test_write_that_fails_leaves_no_revision_and_no_open_write(owner: Any) -> None:
    with pytest.raises(ZeroDivisionError), ledger.write(owner.pk) as write:
        write.changed = bool(1 / 0)
    assert revision(owner) == 0
    with ledger.write(owner.pk) as again:
        again.number(())
    assert again is not write
    assert revision(owner) == 1


def test_write_inside_a_write_joins_it(owner: Any) -> None:
    with ledger.write(owner.pk) as outer, transaction.atomic(), ledger.write(owner.pk) as inner:
        inner.number(())
    assert inner is outer
    assert revision(owner) == 1


def test_writes_of_two_owners_are_two(owner: Any, other: Any) -> None:
    with ledger.write(owner.pk) as mine, ledger.write(other.pk) as theirs:
        theirs.number(())
    assert mine is not theirs
    assert (revision(owner), revision(other)) == (0, 1)


def test_write_of_several_owners_takes_them_in_one_order(owner: Any, other: Any) -> None:
    # Two that lock in different orders would wait for each other for ever.
    pks = sorted([owner.pk, other.pk])
    for order in (pks, pks[::-1], [*pks, *pks]):
        with ledger.write_all(order) as writes:
            assert list(writes) == pks


def test_row_written_twice_in_one_write_gets_two_numbers(owner: Any) -> None:
    entry = TodoEntry(owner=owner, content="a")
    with ledger.write(owner.pk):
        entry.save()
        first = entry.revision
        entry.save()
    assert (first, entry.revision, revision(owner)) == (1, 2, 2)


def test_rows_written_one_after_the_other_in_one_write_share_a_number(owner: Any) -> None:
    entries = [TodoEntry(owner=owner, content=text) for text in "abc"]
    with ledger.write(owner.pk):
        for entry in entries:
            entry.save()
    assert {entry.revision for entry in entries} == {1}


def test_moments_of_a_write_are_all_different_and_rise(owner: Any) -> None:
    with ledger.write(owner.pk) as write:
        moments = [write.next_moment() for _ in range(100)]
    assert moments == sorted(set(moments))
