"""What is unusual about an application is told to the registrar, worst first; a plain one says nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from workflow.domain.application import (
    Entry,
    Filing,
    Identity,
    MedicalClass,
    MedicalResult,
    OfficerOpinion,
    Precision,
    Sex,
    Title,
    WageUnit,
)
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Evidence
from workflow.domain.oddities import oddities
from workflow.domain.record import Done, Facts, Record
from workflow.domain.rulesets import shipped

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
DEMO = next(ruleset for ruleset in shipped() if ruleset.id == "DEMO")
FACTS = Facts(now=NOW, on=TODAY, ruleset=DEMO)

IDENTITY = Identity(
    title=Title.MR, name_latin="KIM KOSAL", name_thai="คิม โกศล", sex=Sex.M, birth_on=date(1979, 3, 5),
    birth_precision=Precision.DAY, nationality="KHM", pass_number="PL160816", pass_province="pailin",
    pass_issued_on=date(2026, 1, 1), pass_expires_on=date(2027, 12, 31), address="ที่พัก",
)  # fmt: skip
MEDICAL = MedicalResult(
    hospital="ho1", certificate_number="1", doctor="ก", doctor_licence="ว.1", examined_on=TODAY, result=MedicalClass.FIT
)
TREATED = replace(MEDICAL, result=MedicalClass.TREATMENT, follow_up_on=TODAY)
ENTRY = Entry(gate="ban_laem", stamped_on=TODAY, stay_until=TODAY + timedelta(days=30))
FILING = Filing(
    work_type="เกษตร", work_nature="เก็บลำไย", workplace="สวน", from_on=TODAY, wage=352, wage_unit=WageUnit.DAY,
    reason_not_thai="ไม่มี", insurer="รพ.", insurance_number="1", insured_from=TODAY,
    insured_until=TODAY + timedelta(days=200), attachments={"photos": "seen"},
)  # fmt: skip
OPINION = OfficerOpinion(complete=True, recommends=True, reason="ครบ")
PLAIN = {
    "check_identity": IDENTITY,
    "record_medical": MEDICAL,
    "record_entry": ENTRY,
    "file_application": FILING,
    "give_opinion": OPINION,
}


def case(**instead: Evidence) -> Record:
    """A plain application that waits for the registrar, with some entries stated otherwise."""
    steps = {**PLAIN, **instead}
    history = tuple(
        Done(
            number=number, step=step, source=None, target="assessed", flags=frozenset(), person="p", name="n",
            position="", role="officer", office="PNR", on_behalf_of=None, happened_at=NOW, recorded_at=NOW,
            evidence=evidence, ruleset=DEMO.digest,
        )
        for number, (step, evidence) in enumerate(steps.items(), 1)
    )  # fmt: skip
    return Record(flow="application", subject="ap1", reference="ap1", office="PNR", state="assessed", history=history)


def test_a_plain_application_has_nothing_odd() -> None:
    assert oddities(case(), FACTS) == ()


@pytest.mark.parametrize(
    ("step", "stated", "told"),
    [
        ("give_opinion", replace(OPINION, recommends=False), "Not recommended"),
        ("record_medical", TREATED, "Class 2: treatment and follow-up"),
        ("check_identity", replace(IDENTITY, pass_expires_on=date(2027, 1, 31)), "Pass ends before the term"),
        ("record_entry", replace(ENTRY, stay_until=TODAY - timedelta(days=1)), "Stay has ended"),
        ("check_identity", replace(IDENTITY, birth_precision=Precision.YEAR), "Only the year of birth is known"),
        ("file_application", replace(FILING, attachments={"photos": "missing"}), "Attachments are missing"),
        ("return_to_officer", Reason(reason="ดูอีกครั้ง"), "Was sent back to the officer before"),
    ],
)
def test_each_unusual_thing_is_told(step: str, stated: Evidence, told: str) -> None:
    assert [oddity.text for oddity in oddities(case(**{step: stated}), FACTS)] == [told]


def test_the_worst_comes_first_and_a_request_has_none() -> None:
    odd = case(
        give_opinion=replace(OPINION, recommends=False), check_identity=replace(IDENTITY, birth_precision=Precision.YEAR)
    )
    assert [one.text for one in oddities(odd, FACTS)] == ["Not recommended", "Only the year of birth is known"]
    assert oddities(replace(odd, flow="request"), FACTS) == ()
