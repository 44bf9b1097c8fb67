"""The turns of logins on one machine: one object a process, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import pytest

from todos.admin import login


def test_first_logins_at_once_share_their_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2)
    made = login.FileTurns.__init__

    def slowly(turns: login.FileTurns) -> None:
        made(turns)
        # Nobody else may be on the way to make another: then both would be here, and none would wait in vain.
        with pytest.raises(BrokenBarrierError):
            both.wait(0.2)

    monkeypatch.setattr(login.FileTurns, "__init__", slowly)
    login._file_turns.cache_clear()
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: login.file_turns(), range(2))
    assert one is other
