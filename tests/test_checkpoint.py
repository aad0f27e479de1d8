"""Checkpoints, and a second verifier that shares no code with the first."""

import pytest
from sqlalchemy.orm import Session

from tests.mini_verify import mini_verify, read
from tests.stores import Store, change_by_hand, fill, on_sqlite, rewrite_by_hand
from workflow.store.chain import heads
from workflow.store.checkpoint import NoCheckpoint, digest_of, read_checkpoint, write_checkpoint
from workflow.store.verify import verify_chain

pytest_plugins = ["tests.store_fixtures"]


def stand(store: Store) -> dict:
    with store.reading() as session:
        return heads(session)


def test_a_checkpoint_is_read_back_and_holds(filled: Store):
    written = write_checkpoint(stand(filled))
    known = read_checkpoint(written)
    with filled.reading() as session:
        assert verify_chain(session, known).sound
    assert {chain: head.seq for chain, head in known.items()} == {"CTI": 3, "TRT": 2, "access/CTI": 2}
    assert written.splitlines()[-1] == digest_of(stand(filled))


@pytest.mark.parametrize(
    "change", [lambda t: t[:-9], lambda t: t.replace(" 3 ", " 4 "), lambda t: "", lambda t: t.upper()]
)
def test_a_changed_checkpoint_is_no_checkpoint(filled: Store, change):
    with pytest.raises(NoCheckpoint):
        read_checkpoint(change(write_checkpoint(stand(filled))))


def test_an_office_without_events_has_a_checkpoint_too():
    assert read_checkpoint(write_checkpoint({})) == {}


@on_sqlite
def test_the_second_verifier_agrees_with_the_first(filled: Store):
    known = write_checkpoint(stand(filled))
    ends = mini_verify(filled.engine.url.database, read(known))
    assert ends == {chain: (head.seq, head.hash.hex()) for chain, head in stand(filled).items()}


@on_sqlite
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE event SET hash = zeroblob(32) WHERE seq = 2",
        "UPDATE event SET bytes = CAST(replace(CAST(bytes AS text), 'submit', 'revoke') AS blob)",
        "DELETE FROM event WHERE seq = 2",
        "UPDATE access_log SET seq = 9 WHERE seq = 2",
        "DELETE FROM access_log",
    ],
)
def test_both_verifiers_find_the_same_changes(store: Store, change: str):
    fill(store)
    known = stand(store)
    with Session(store.engine) as session:
        change_by_hand(session, change)
        change_by_hand(session, "DELETE FROM payload WHERE position NOT IN (SELECT position FROM event)")
        session.commit()
        assert not verify_chain(session, known).sound
    with pytest.raises(ValueError, match=r"CTI|TRT"):
        mini_verify(store.engine.url.database, read(write_checkpoint(known)))


@on_sqlite
def test_the_second_verifier_finds_a_chain_made_anew_against_a_checkpoint(store: Store):
    fill(store)
    known = read(write_checkpoint(stand(store)))
    with Session(store.engine) as session:
        rewrite_by_hand(session, "CTI")
        session.commit()
    mini_verify(store.engine.url.database)
    with pytest.raises(ValueError, match="CTI"):
        mini_verify(store.engine.url.database, known)
