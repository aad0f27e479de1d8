"""What applies and since when; what a person meets; that shortening anything never lengthens a permit."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules import demo_rules, shipped_rules
from tests.test_oddities import FILING, IDENTITY, case
from workflow.domain.eligibility import Person, eligibility
from workflow.domain.explaining import explain, spells
from workflow.domain.record import Facts
from workflow.domain.rulesets import Ruleset, Value, shipped
from workflow.domain.validity import longest, season_end, terms

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


# what applies, since when, what next ------------------------------------------------------------


def test_a_value_holds_since_the_first_rules_that_said_the_same_without_a_break() -> None:
    told = explain(shipped(), date(2025, 8, 20), "22", "ban_laem")
    since = {one.name: one.since for one in told.values}
    assert told.ruleset.id == "S64-GRACE-2025"
    assert since["permit.length"] == date(2025, 6, 7)
    assert since["fees.permit"] == date(2021, 11, 16), (
        "the fee stood through the rules of 2021, 2022 and after"
    )
    assert since["stay.days"] == date(2021, 11, 16)
    assert {"fees.substitute.permit", "seeking.days"} <= {one.name for one in told.unverified}


def test_what_is_invented_holds_since_it_was_invented() -> None:
    told = explain(shipped(), date(2026, 11, 23), "22", demonstration=True)
    assert {one.since for one in told.values} == {date(2026, 1, 1)}


def test_the_spell_before_and_the_spell_after_name_what_is_not_the_same() -> None:
    told = explain(shipped(), date(2025, 8, 20), "22")
    assert told.following.spell.first == date(2025, 12, 7)
    assert told.following.spell.ruleset.id == "S64-UNKNOWN-2025"
    assert {"orders.allowed", "permit.length", "report.every_days"} <= set(told.following.names)
    assert told.previous.spell.ruleset.id == "S64-NORMAL-B"
    assert {"employers.at_once", "overstay.waived"} <= set(told.previous.names)
    assert "jobs" not in told.following.names


def test_days_and_places_without_rules_are_told_as_such() -> None:
    told = explain(shipped(), date(2021, 1, 1), "22")
    assert (told.ruleset, told.values, told.unverified) == (None, (), ())
    assert told.previous.spell.ruleset.id == "S64-CLOSED-2020"
    assert told.following.spell.ruleset.id == "S64-COVID-1"
    nowhere = explain(shipped(), date(2021, 1, 1), "10")
    assert (nowhere.ruleset, nowhere.following, nowhere.previous) == (None, None, None)
    assert explain(shipped(), date(2030, 1, 1), "22").following is None
    assert explain(shipped(), date(2018, 7, 1), "22").previous is None


@given(st.dates(), st.sampled_from(["22", "27", "10"]), st.booleans())
def test_every_day_lies_in_exactly_one_spell(on: date, province: str, demonstration: bool) -> None:
    every = spells(shipped(), province, demonstration=demonstration)
    assert (every[0].first, every[-1].last) == (date.min, date.max)
    assert all(one.last + DAY == other.first for one, other in zip(every, every[1:], strict=False))
    told = explain(shipped(), on, province, demonstration=demonstration)
    assert told.spell.first <= on <= told.spell.last
    assert all(one.since <= on for one in told.values)


# what a person meets ------------------------------------------------------------------------------

TODAY = date(2026, 11, 23)
FIT = Person(
    nationality="KHM", birth_on=date(2000, 1, 1), pass_province="pailin", pass_until=TODAY, job="labourer",
    gate="ban_laem", district="2204", examined_on=TODAY - 60 * DAY, fit=True, insured_until=TODAY,
    stay_until=TODAY, permit_until=TODAY, employers=3,
)  # fmt: skip


def met(person: Person, rules: Ruleset | None = None) -> dict[str, bool | None]:
    return {one.name: one.met for one in eligibility(person, (rules or demo_rules()).within("22"), TODAY)}


def test_on_its_last_days_a_person_still_meets_every_rule() -> None:
    assert set(met(FIT).values()) == {True}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"nationality": "THA"}, "nationalities"),
        ({"birth_on": TODAY.replace(year=TODAY.year - 18) + DAY}, "ages.minimum"),
        ({"birth_on": date(2008, 1, 1), "birth_precision": "year"}, "ages.minimum"),
        ({"pass_until": TODAY - DAY}, "permit.capped_by"),
        ({"job": "driver"}, "jobs"),
        ({"gate": "hat_lek"}, "gates"),
        ({"district": "2301"}, "districts"),
        ({"examined_on": TODAY - 61 * DAY}, "health.valid_days"),
        ({"fit": False}, "health.valid_days"),
        ({"insured_until": TODAY - DAY}, "insurance.required"),
        ({"stay_until": TODAY - DAY}, "stay.days"),
        ({"stay_until": TODAY - DAY}, "overstay.per_day"),
        ({"permit_until": TODAY - DAY}, "permit.length"),
        ({"permit_until": TODAY + 31 * DAY}, "renewal.open_days"),
        ({"employers": 4}, "employers.at_once"),
    ],
)  # fmt: skip
def test_a_rule_that_is_not_met_is_named_with_its_fact(change: dict[str, object], rule: str) -> None:
    assert met(replace(FIT, **change))[rule] is False


def test_the_fine_of_overstay_is_counted_by_the_day_capped_and_waived() -> None:
    def fine(days: int, rules: Ruleset) -> object:
        person = replace(FIT, stay_until=TODAY - days * DAY)
        found = next(one for one in eligibility(person, rules, TODAY) if one.name == "overstay.per_day")
        return found.fact.values["fine"], found.met

    assert [fine(days, demo_rules()) for days in (0, 1, 12, 400)] == [
        (0, True),
        (500, False),
        (6000, False),
        (20000, False),
    ]
    assert fine(400, shipped_rules("S64-GRACE-2025")) == (0, True)


def test_what_is_not_known_or_not_verified_is_neither_met_nor_not() -> None:
    assert {name: said for name, said in met(Person()).items() if said is not None} == {
        "orders.allowed": True
    }
    unknown = met(FIT, shipped_rules("S64-UNKNOWN-2025"))
    assert unknown["orders.allowed"] is False
    assert (unknown["permit.length"], unknown["employers.at_once"]) == (None, None)


# how long a permit may run ------------------------------------------------------------------------


def ruled(**values: object) -> Ruleset:
    """The DEMO rules with some values put otherwise."""
    known = dict(demo_rules().values)
    sample = known["stay.days"]
    known |= {
        name.replace("__", "."): Value(value, sample.source, sample.confidence)
        for name, value in values.items()
    }
    return replace(demo_rules(), values=known, effective_to=values.get("ends"))


def limit(start: date, rules: Ruleset, pass_until: date, insured: date) -> date:
    record = case(
        check_identity=replace(IDENTITY, pass_expires_on=pass_until),
        file_application=replace(FILING, insured_until=insured),
    )
    return longest(record, start, Facts(now=NOW, on=TODAY, ruleset=rules))


ALL = ["longest", "pass", "insurance", "season", "measure"]
days = st.integers(0, 700).map(lambda more: TODAY + more * DAY)
day_of_year = st.dates(date(2027, 1, 1), date(2027, 12, 31)).map(lambda day: f"{day:%m-%d}")


@given(
    start=days, length=st.integers(1, 400), unit=st.sampled_from(["day", "month"]), pass_until=days, insured=days,
    ends=days, first=day_of_year, last=day_of_year, cut=st.integers(1, 60),
    which=st.sampled_from(["length", "pass", "insurance", "measure", "season", "one more term"]),
)  # fmt: skip
def test_shortening_any_input_never_lengthens_a_permit(
    start: date, length: int, unit: str, pass_until: date, insured: date, ends: date, first: str, last: str,
    cut: int, which: str,
) -> None:  # fmt: skip
    length = min(length, 24) if unit == "month" else length

    def until(length: int, pass_until: date, insured: date, ends: date, last: str, named: list[str]) -> date:
        rules = ruled(
            permit__length=length, permit__unit=unit, permit__capped_by=named, season__from=first,
            season__until=last, ends=ends,
        )  # fmt: skip
        return limit(start, rules, pass_until, insured)

    whole = until(length, pass_until, insured, ends, last, ALL)
    shorter_season = max(date(2027, 1, 1), date.fromisoformat(f"2027-{last}") - cut * DAY)
    stays_a_season = (first <= last) == (first <= f"{shorter_season:%m-%d}")
    shorter = {
        "length": lambda: until(max(1, length - cut), pass_until, insured, ends, last, ALL),
        "pass": lambda: until(length, pass_until - cut * DAY, insured, ends, last, ALL),
        "insurance": lambda: until(length, pass_until, insured - cut * DAY, ends, last, ALL),
        "measure": lambda: until(length, pass_until, insured, ends - cut * DAY, last, ALL),
        "season": lambda: until(
            length, pass_until, insured, ends, f"{shorter_season:%m-%d}" if stays_a_season else last, ALL
        ),
        "one more term": lambda: until(length, pass_until, insured, ends, last, ALL),
    }[which]()
    without = until(length, pass_until, insured, ends, last, ALL[: cut % len(ALL) + 1])
    assert shorter <= whole <= without


@given(start=days, named=st.sets(st.sampled_from(ALL), min_size=1))
def test_the_permit_ends_with_the_earliest_of_the_terms_that_the_rules_name(
    start: date, named: set[str]
) -> None:
    rules = ruled(
        permit__capped_by=sorted(named), season__from="08-01", season__until="04-30", ends=TODAY + 90 * DAY
    )
    record = case()
    found = terms(record, start, Facts(now=NOW, on=TODAY, ruleset=rules))
    assert {term.name for term in found} == named
    earliest = min(term.until for term in found)
    assert {term.until for term in found if term.decides} == {earliest}


@pytest.mark.parametrize(
    ("on", "first", "last", "end"),
    [
        (date(2026, 11, 23), "08-01", "04-30", date(2027, 4, 30)),
        (date(2027, 4, 30), "08-01", "04-30", date(2027, 4, 30)),
        (date(2027, 5, 1), "08-01", "04-30", date(2027, 4, 30)),
        (date(2027, 8, 1), "08-01", "04-30", date(2028, 4, 30)),
        (date(2027, 3, 1), "03-01", "06-30", date(2027, 6, 30)),
        (date(2027, 2, 1), "03-01", "06-30", date(2026, 6, 30)),
        (date(2027, 7, 1), "03-01", "06-30", date(2027, 6, 30)),
        (date(2027, 1, 1), "10-01", "02-29", date(2027, 2, 28)),
        (date(2028, 1, 1), "10-01", "02-29", date(2028, 2, 29)),
    ],
)
def test_a_season_may_run_over_the_new_year_and_outside_it_no_work_begins(
    on: date, first: str, last: str, end: date
) -> None:
    assert season_end(on, first, last) == end


def test_what_is_not_verified_caps_no_permit() -> None:
    rules = shipped_rules("S64-UNKNOWN-2025")
    found = terms(case(), TODAY, Facts(now=NOW, on=TODAY, ruleset=rules))
    assert [term.name for term in found] == ["pass"]
