"""Two measures over the same permits, in every order of applying and taking back, with first reports on the same day."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from tests.measuring import BACK, GRACE, Office
from tests.test_measure import agrees
from workflow import measures, verification
from workflow.casework import Act
from workflow.domain.measure import MeasureDraft
from workflow.store.projections import Duty

pytest_plugins = ["tests.measure_fixtures"]

FIRST = GRACE
SECOND = MeasureDraft(**{**GRACE.__dict__, "title": "ขยายมาตรการผ่อนผัน"})
WITHIN = "[report.first_within_days]\nvalue = 15"
LENGTH = "length = { value = 90,"
ORDERS = [
    order
    for order in permutations(("apply A", "apply B", "revert A", "revert B"))
    if order.index("apply A") < order.index("revert A") and order.index("apply B") < order.index("revert B")
]


@pytest.fixture
def office(measured: Office) -> Office:
    """The office of measures, under the name that stores have for theirs."""
    return measured


def running(made: Office) -> dict[str, set[tuple[str, date, date]]]:
    """The duties of each permit that a measure opens anew or moves."""
    found: dict[str, set[tuple[str, date, date]]] = {}
    for subject, *duty in made.desk.session.execute(
        select(Duty.subject, Duty.clock, Duty.begun_on, Duty.until_on).where(
            Duty.ended_at.is_(None), Duty.clock.in_(("stay", "permit", "renewal", "first_report"))
        )
    ):
        found.setdefault(subject, set()).add(tuple(duty))
    made.desk.session.rollback()
    return found


def alike(made: Office, of: str) -> None:
    """The copies made again from the events are those that the acts left."""
    before = (made.rows(), made.duties())
    assert verification.verify(made.desk).breaches == [], of
    verification.rebuild(made.desk)
    assert (made.rows(), made.duties()) == before, of


def test_a_second_measure_with_the_same_first_report_day_gives_its_own_last_day(office: Office) -> None:
    office.applied(FIRST)
    before = running(office)
    office.edition(2, WITHIN, WITHIN.replace("15", "40"))
    second = office.applied(SECOND)
    laid = {one: office.record(one).measured for one in office.permits}
    over = [one for one, under in laid.items() if under and under.measure == second]
    assert over
    for one in over:
        agrees(office, one)
        first = [duty for duty in before[one] if duty[0] == "first_report"]
        later = [duty for duty in running(office)[one] if duty[0] == "first_report"]
        assert [begun for _, begun, _ in later] == [begun for _, begun, _ in first]
        assert later[0][2] > first[0][2] + timedelta(days=20)
    measures.revert(office.desk, office.cast["clerk"], second, BACK, Act())
    assert running(office) == before
    alike(office, "revert B")


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_two_measures_in_any_order_leave_nothing_when_both_are_taken_back(
    office: Office, order: tuple[str, ...]
) -> None:
    rows, duties, kept = office.rows(), office.duties(), {}
    office.edition(2, WITHIN, WITHIN.replace("15", "40"))
    drafted = {"A": office.drafted(FIRST)}
    office.edition(3, LENGTH, LENGTH.replace("90", "120"))
    drafted["B"] = office.drafted(SECOND)
    for at, act in enumerate(order):
        word, name = act.split()
        if word == "apply":
            kept[name] = (office.rows(), office.duties())
            measures.dry_run(office.desk, office.cast["peo"], drafted[name], Act())
            measures.apply(office.desk, office.cast["registrar"], drafted[name], Act())
            assert any(office.record(one).measured.measure == drafted[name] for one in office.permits[-3:])
        else:
            measures.revert(office.desk, office.cast["clerk"], drafted[name], BACK, Act())
            if order[at - 1] == f"apply {name}":
                assert (office.rows(), office.duties()) == kept[name], "what was laid last is taken back whole"
        office.calendar.next_day()
    assert office.rows() == rows
    assert office.duties() == duties
    assert all(office.record(one).measured is None for one in office.permits)
    alike(office, " ".join(order))
