"""Numbers: gapless per office, series and Buddhist year, however many hands reach for them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.stores import Store, change_by_hand, envelope
from workflow.store.chain import append
from workflow.store.counters import SeriesBegun, next_number, set_opening, write_number
from workflow.store.database import NotWriting
from workflow.store.verify import verify_chain

pytest_plugins = ["tests.store_fixtures"]
RACERS, LAPS = 8, 10


def take(store: Store, office: str = "CTI", series: str = "receipt", year: int = 2569) -> int:
    with store.writing() as session:
        return next_number(session, office, series, year)


def test_numbers_count_from_one_in_each_series_office_and_year(store: Store):
    assert [take(store), take(store), take(store, series="permit_record")] == [1, 2, 1]
    assert [take(store, office="TRT"), take(store, year=2570), take(store)] == [1, 1, 3]


def test_a_number_of_an_act_that_failed_is_given_again(store: Store):
    with store.writing() as session:
        assert next_number(session, "CTI", "receipt", 2569) == 1
        session.rollback()
    assert take(store) == 1


def test_a_series_goes_on_from_the_paper_register(store: Store):
    with store.writing() as session:
        set_opening(session, "CTI", "receipt", 2569, 411)
    assert take(store) == 412


def test_the_opening_may_be_set_again_until_a_number_is_taken(store: Store):
    for last_used in (411, 400):
        with store.writing() as session:
            set_opening(session, "CTI", "receipt", 2569, last_used)
    assert take(store) == 401
    with store.writing() as session, pytest.raises(SeriesBegun):
        set_opening(session, "CTI", "receipt", 2569, 500)


def test_numbers_are_taken_only_when_writing(store: Store):
    with store.reading() as session, pytest.raises(NotWriting):
        next_number(session, "CTI", "receipt", 2569)


def test_a_number_is_written_as_the_office_writes_it():
    assert write_number(12, 2569) == "12/2569"


def test_racing_hands_get_every_number_once(store: Store):
    def race(_: int) -> list[int]:
        return [take(store) for _ in range(LAPS)]

    with ThreadPoolExecutor(RACERS) as racers:
        taken = [number for numbers in racers.map(race, range(RACERS)) for number in numbers]
    assert sorted(taken) == list(range(1, RACERS * LAPS + 1))


def issue(store: Store, subject: str, *, years: tuple[int, ...] = (2569,)) -> None:
    """Number one paper for each year and name them in an event."""
    with store.writing() as session:
        numbers = [write_number(next_number(session, "CTI", "receipt", year), year) for year in years]
        append(session, envelope(subject, numbers={"receipt": numbers}), {}, subject)


def test_numbers_that_events_name_in_order_are_verified(store: Store):
    with store.writing() as session:
        set_opening(session, "CTI", "receipt", 2569, 7)
    issue(store, "a", years=(2569, 2569))
    issue(store, "b", years=(2569, 2570))
    with store.reading() as session:
        assert verify_chain(session).breaches == []


def test_numbers_of_other_books_are_not_ours_to_verify(store: Store):
    store.record("a", numbers={"permit_book": "A 0004411", "official": "9/2569"})
    with store.reading() as session:
        assert verify_chain(session).sound


def test_a_number_that_no_event_names_is_a_breach(store: Store):
    take(store)
    with store.reading() as session:
        assert [b.place for b in verify_chain(session).breaches] == ["counter CTI receipt 2569"]


def test_a_number_named_twice_is_a_breach(store: Store):
    issue(store, "a")
    store.record("b", numbers={"receipt": "1/2569"})
    with store.reading() as session:
        assert "CTI 2" in [breach.place for breach in verify_chain(session).breaches]


def test_a_counter_turned_back_is_refused_or_found(store: Store):
    issue(store, "a")
    issue(store, "b")
    with Session(store.engine) as session:
        change_by_hand(session, "UPDATE counter SET value = 1")
        assert [b.place for b in verify_chain(session).breaches] == ["counter CTI receipt 2569"]


def test_a_counter_cannot_fall_below_its_opening(store: Store):
    with store.writing() as session:
        set_opening(session, "CTI", "receipt", 2569, 7)
    with store.reading() as session, pytest.raises(Exception, match="counts_up"):
        session.execute(text("UPDATE counter SET value = 3"))
