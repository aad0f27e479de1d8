"""The law as data: what is let in, what is refused with file, line and reason, and which rules hold where and when."""

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules import shipped_rules
from workflow.domain.admission import NotAdmitted, admit, clash, conflicts
from workflow.domain.routes import leads
from workflow.domain.rulebook import KEYS, key_of
from workflow.domain.rulesets import Basis, Confidence, Ruleset, RulesetFault, in_force, read, shipped

SEVEN = ("22", "23", "27", "31", "32", "33", "34")
GOOD = """
[ruleset]
id = "CABINET-2027"
title = { th = "ก", en = "A", km = "ក" }
status = "in_force"
effective_from = 2027-02-01
effective_to = 2027-12-31
legal_basis = { th = "ก", en = "Cabinet", km = "ក" }
basis = "cabinet"
provinces = ["22", "27"]

[sources.cabinet]
th = "มติ"
en = "Cabinet resolution of 26 January 2027"
km = "សេចក្តីសម្រេច"
basis = "cabinet"

[orders]
allowed = { value = true, source = "cabinet", confidence = "V" }

[stay]
days = { value = 30, source = "cabinet", confidence = "V" }
"""


GATE = '[slots.bands]\nsource = "cabinet"\nconfidence = "V"\nvalue.poipet.weekdays = [1]\n'
DAYS = 'days = { value = 30, source = "cabinet", confidence = "V" }'
VERIFIED = '30, source = "cabinet", confidence = "V"'


def faults(text: str, *beside: Ruleset) -> list[str]:
    """Give every fault of a text as it is told."""
    with pytest.raises(NotAdmitted) as refused:
        admit(text, beside, "new.toml")
    return [str(fault) for fault in refused.value.faults]


def good(**head: object) -> str:
    """The good text with some words of it put otherwise."""
    text = GOOD
    for old, new in head.items():
        text = re.sub(rf"^{old} = .*$", f"{old} = {new}", text, flags=re.MULTILINE)
    return text


# what is let in -------------------------------------------------------------------------------


def test_a_good_text_is_let_in_with_the_lists_of_the_office() -> None:
    ruleset = admit(GOOD)
    assert (ruleset.basis, ruleset.get("stay.days"), ruleset.orders) == (Basis.CABINET, 30, True)
    assert "ban_laem" in ruleset.need("gates")
    assert ruleset.values["stay.days"].source.words["en"] == "Cabinet resolution of 26 January 2027"
    assert read(ruleset.text) == ruleset, "what was let in is read for ever from its own text"


@pytest.mark.parametrize("name", [rule.id for rule in shipped()])
def test_every_shipped_ruleset_would_be_let_in(name: str) -> None:
    ruleset = shipped_rules(name)
    assert admit(ruleset.text, shipped()).digest == ruleset.digest
    assert set(ruleset.legal_basis) == {"th", "en", "km"}
    assert all(key_of(key) for key in ruleset.values)


def test_the_eight_rulesets_follow_each_other_without_overlap() -> None:
    dated = sorted((r for r in shipped() if not r.demonstration), key=lambda r: r.effective_from)
    assert [rule.id for rule in dated] == [
        "S64-NORMAL-A", "S64-CLOSED-2020", "S64-COVID-1", "S64-COVID-2", "S64-COVID-3", "S64-NORMAL-B",
        "S64-GRACE-2025", "S64-UNKNOWN-2025",
    ]  # fmt: skip
    assert all(one.until < other.effective_from for one, other in zip(dated, dated[1:], strict=False))


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (good(effective_to="2027-01-01"), 7, "it ends before it starts"),
        (good(basis='"rumour"'), 9, "this is not what belongs here"),
        (good(provinces="[]"), 10, "this is not what belongs here"),
        (GOOD.replace('id = "CABINET-2027"', 'id = "CABINET-2027"\ncolour = "red"'), 4, "this key is not known"),
        (GOOD.replace("days = { value = 30", "dayz = { value = 30"), 22, "this key is not known"),
        (GOOD.replace('value = true, source = "cabinet"', "value = true"), 19, "without a source"),
        (GOOD.replace("value = 30", 'value = "thirty"'), 22, "should be a whole number"),
        (GOOD.replace("value = 30", "value = true"), 22, "should be a whole number"),
        (GOOD.replace("value = 30, ", ""), 22, "the value is missing"),
        (GOOD.replace(VERIFIED, '30, source = "cabinet", confidence = "sure"'), 22, "confidence is V, L or U"),
        (GOOD.replace(VERIFIED, '30, source = "cabinet", confidence = "D"'), 22, "confidence is V, L or U"),
        (GOOD.replace("[stay]\ndays = {", "[stay]\ndays ="), 22, "not readable as TOML"),
        (GOOD.replace('basis = "cabinet"\n\n[orders]', "\n[orders]"), 12, "a source has words in th, en and km"),
        (GOOD + "[permit]\n" + DAYS.replace("days", "length"), 24, "it says nothing without permit.unit"),
        (GOOD.replace(DAYS, DAYS[:-1] + f", local = {{ 34 = {{ value = {VERIFIED} }} }} }}"), 22, "province 34 is not"),
        (GOOD + GATE, 23, "poipet stands in none"),
    ],
)  # fmt: skip
def test_a_faulty_text_is_refused_with_file_line_and_reason(text: str, line: int, told: str) -> None:
    assert any(fault.startswith(f"new.toml:{line}") and told in fault for fault in faults(text)), faults(text)


def test_every_fault_of_a_text_is_told_at_once() -> None:
    text = good(effective_to="2027-01-01", basis='"rumour"').replace("value = 30", "value = 1.5")
    assert len(faults(text)) >= 3


@settings(max_examples=30)
@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(NotAdmitted):
        admit(text)


@settings(max_examples=30)
@given(st.data())
def test_no_hole_in_a_good_text_brings_anything_but_a_refusal(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    drop = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=3))
    swap = data.draw(st.sampled_from(["30", "true", '"V"', '"cabinet"', "2027-02-01"]))
    into = data.draw(st.sampled_from(["[]", "{}", "1.5", '"x"', "[[1]]", "{ a = 1 }"]))
    text = "\n".join(line for number, line in enumerate(lines) if number not in drop).replace(swap, into)
    with suppress(NotAdmitted):  # any other fault would be one of ours
        admit(text)


# overlap, contradiction, editions ---------------------------------------------------------------


def test_texts_of_equal_weight_may_not_say_otherwise_of_the_same_days() -> None:
    first = admit(GOOD)
    rival = good(id='"RIVAL-2027"').replace("value = 30", "value = 15")
    (told,) = faults(rival, first)
    assert "overlaps CABINET-2027" in told
    assert "stay.days" in told
    assert admit(good(id='"RIVAL-2027"'), [first]), "the same values are no contradiction"
    assert admit(rival, [replace(first, provinces=("23",))]), "what holds elsewhere is no contradiction"
    later = rival.replace("2027-02-01", "2028-02-01").replace("2027-12-31", "2028-12-31")
    assert admit(later, [first]), "one after the other is no contradiction"


def test_a_stronger_basis_holds_and_a_weaker_one_is_let_in_beside_it() -> None:
    first = admit(GOOD)
    gazette = admit(good(id='"GAZETTE-2027"', basis='"gazette"').replace("value = 30", "value = 20"), [first])
    assert not clash(first, gazette)
    on = date(2027, 5, 1)
    assert in_force([first, gazette], on, "22").get("stay.days") == 20
    assert in_force([gazette, first], on, "22").get("stay.days") == 20


def test_the_order_of_strength_is_that_of_the_law() -> None:
    order = [Basis.GAZETTE, Basis.CABINET, Basis.COMMITTEE, Basis.PRESS]
    assert sorted(order, key=lambda basis: -basis.priority) == order


def test_a_newer_edition_takes_the_place_of_the_older_one() -> None:
    first = admit(GOOD)
    again = good(id='"CABINET-2027"\nedition = 2').replace("value = 30", "value = 25")
    second = admit(again, [first])
    assert in_force([second, first], date(2027, 5, 1), "22").get("stay.days") == 25
    assert ["edition 1 of CABINET-2027 is there" in told for told in faults(GOOD + "\n", first)] == [True]
    assert list(conflicts(first, [second]))[0][0] == "ruleset.edition"


def test_what_a_weaker_source_said_is_told_and_an_equal_one_contradicts() -> None:
    value = shipped_rules("S64-GRACE-2025").values["report.first_within_days"]
    assert (value.value, value.source.basis, value.confidence) == (15, Basis.GAZETTE, Confidence.VERIFIED)
    (said,) = value.overruled
    assert (said.value, said.source.basis) == (date(2025, 7, 30), Basis.COMMITTEE)
    other = ', overruled = [{ value = 15, source = "cabinet", confidence = "V" }] }'
    text = GOOD.replace(DAYS, DAYS.removesuffix(" }") + other)
    assert any("contradiction" in told for told in faults(text))


# chosen by date, province and gate --------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "province", "name"),
    [
        (date(2018, 7, 1), "22", "S64-NORMAL-A"),
        (date(2020, 3, 22), "34", "S64-NORMAL-A"),
        (date(2020, 3, 23), "22", "S64-CLOSED-2020"),
        (date(2021, 12, 8), "22", "S64-COVID-1"),
        (date(2022, 5, 15), "27", "S64-COVID-2"),
        (date(2022, 9, 30), "23", "S64-COVID-3"),
        (date(2025, 6, 6), "22", "S64-NORMAL-B"),
        (date(2025, 6, 7), "22", "S64-GRACE-2025"),
        (date(2025, 12, 6), "33", "S64-GRACE-2025"),
        (date(2025, 12, 7), "22", "S64-UNKNOWN-2025"),
        (date(2030, 1, 1), "32", "S64-UNKNOWN-2025"),
    ],
)
def test_the_rules_of_a_day_are_those_of_the_timeline(on: date, province: str, name: str) -> None:
    assert in_force(shipped(), on, province).id == name


@pytest.mark.parametrize(
    ("on", "province"),
    [(date(2020, 7, 1), "22"), (date(2021, 12, 8), "27"), (date(2018, 1, 1), "22"), (date(2026, 1, 1), "10")],
)
def test_where_no_ruleset_covers_none_is_invented(on: date, province: str) -> None:
    with pytest.raises(RulesetFault, match="no ruleset covers"):
        in_force(shipped(), on, province)


def test_the_invented_rules_count_in_a_demonstration_only() -> None:
    on = date(2026, 11, 23)
    assert in_force(shipped(), on, "22").id == "S64-UNKNOWN-2025"
    assert in_force(shipped(), on, "22", demonstration=True).id == "DEMO"


def test_rules_for_one_gate_hold_there_and_nowhere_else() -> None:
    everywhere = admit(GOOD)
    here = admit(
        good(id='"GATE-2027"\ngates = ["ban_laem"]').replace("value = 30", "value = 10"), [everywhere]
    )
    on = date(2027, 5, 1)
    found = [
        in_force([here, everywhere], on, "22", gate).get("stay.days")
        for gate in (None, "ban_pakkad", "ban_laem")
    ]
    assert found == [30, 30, 10]


def test_a_province_has_its_own_values_gates_and_districts() -> None:
    normal = shipped_rules("S64-NORMAL-B")
    assert [normal.within(code).get("stay.days") for code in ("22", "27")] == [30, 15]
    assert set(normal.within("22").get("gates")) == {"ban_laem", "ban_pakkad"}
    assert set(normal.within("27").get("gates")) == {"ban_khlong_luek"}
    assert normal.within("27").get("districts") == {}
    assert normal.within("27").digest == normal.digest


def test_what_is_not_verified_is_never_applied() -> None:
    for ruleset in shipped():
        for name, value in ruleset.values.items():
            if value.confidence is Confidence.UNVERIFIED:
                assert ruleset.get(name) is None
                assert ruleset.get(name, "silent") == "silent"
    text = GOOD.replace(
        '30, source = "cabinet", confidence = "V"', '30, source = "cabinet", confidence = "U"'
    )
    assert admit(text).get("stay.days") is None


def test_the_published_outcome_of_the_measure_of_2025() -> None:
    rules = in_force(shipped(), date(2025, 8, 20), "22")
    assert (rules.get("permit.length"), rules.get("permit.unit")) == (90, "day")
    assert (rules.get("fees.application"), rules.get("fees.permit")) == (100, 225)
    assert (rules.get("employers.at_once"), rules.get("employers.same_province")) == (3, True)
    assert (rules.get("report.every_days"), rules.get("report.first_from")) == (30, date(2025, 8, 13))
    assert (rules.get("overstay.waived"), rules.get("departure.days")) == (True, 7)
    assert rules.provinces == SEVEN


def test_no_key_is_named_twice_and_every_one_is_called_something() -> None:
    names = [key.name for key in KEYS]
    assert len(names) == len(set(names))
    assert all(key.label for key in KEYS if "*" not in key.name)


# where a pass leads -----------------------------------------------------------------------------

ROUTES = [
    {"home": "pailin", "gate": "ban_pakkad", "districts": ["2204"], "until": date(2025, 6, 6)},
    {"home": "battambang", "gate": "ban_laem", "districts": ["2204", "2207"], "from": date(2025, 1, 1)},
]


@pytest.mark.parametrize(
    ("home", "gate", "district", "on", "may"),
    [
        ("pailin", "ban_pakkad", "2204", date(2025, 6, 6), True),
        ("pailin", "ban_pakkad", "2204", date(2025, 6, 7), False),
        ("pailin", "ban_laem", "2204", date(2025, 6, 6), False),
        ("pailin", "ban_pakkad", "2207", date(2025, 6, 6), False),
        ("battambang", "ban_laem", "2207", date(2025, 1, 1), True),
        ("battambang", "ban_laem", "2207", date(2024, 12, 31), False),
        ("battambang", None, "2207", date(2026, 1, 1), True),
        ("battambang", "ban_laem", None, date(2026, 1, 1), True),
        ("kandal", None, None, date(2026, 1, 1), False),
    ],
)
def test_a_pass_leads_from_its_province_over_some_gates_to_some_districts(
    home: str, gate: str | None, district: str | None, on: date, may: bool
) -> None:
    assert leads(ROUTES, home, gate, district, on) is may


@given(st.dates(date(2018, 7, 1), date(2031, 1, 1)), st.sampled_from(SEVEN))
def test_the_choice_of_a_day_does_not_hang_on_the_order_of_the_texts(on: date, province: str) -> None:
    every = list(shipped())
    try:
        assert in_force(every, on, province).id == in_force(reversed(every), on, province).id
    except RulesetFault:
        assert on < date(2022, 10, 1)


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 9000 + "]" * 9000, ".".join("a" * 9000) + " = 1", f"a = {'9' * 5000}", "#" * 1_000_001],
    ids=["deep list", "deep name", "long number", "long text"],
)
def test_a_hostile_text_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(NotAdmitted, match=r"x.toml:1: not readable as TOML"):
        admit(text, file="x.toml")
