"""Applications that stand on a permit, each walked whole through the verbs: renewal, change, addition, substitute."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.driving import CODED, WHY, against, does, flags, opened, papers, record
from tests.onward import (
    GOOD,
    addition,
    another,
    change,
    examined,
    filed_on,
    filing_of_renewal,
    lost,
    near_the_end,
    opens,
    permitted,
    renewal,
    substitution,
    to_issue,
    to_order,
    whole,
    worker_of,
)
from workflow import onpermit
from workflow.demonstration import Season
from workflow.domain.application import EarlierMedical
from workflow.domain.everywhere import Correction
from workflow.domain.flow import Refused
from workflow.domain.kinds import OnPermit
from workflow.domain.permit import EmploymentEnd, EndReason, Laid, RevocationProposal
from workflow.domain.spells import employers_now, periods
from workflow.domain.validity import permit_until
from workflow.store.projections import Case, FeeLine
from workflow.verification import verify
from workflow.workers import actor_of


def refused(season: Season, user: str, step: str, stated: OnPermit) -> list[str]:
    """Give the codes of what stands against an opening."""
    with pytest.raises(Refused) as found:
        opens(season, user, step, stated)
    return [refusal.code for refusal in found.value.refusals]


def employers(season: Season, permit: str) -> list[str]:
    """Name the parts that employ the worker now."""
    parts = {subject: part for part, subject in season.cast.entries.items()}
    return [parts[employer] for employer in employers_now(record(season, permit))]


# renewal ------------------------------------------------------------------------------------


def test_a_renewal_adds_the_period_that_follows_and_replaces_the_record(season: Season) -> None:
    permit = permitted(season)
    first = season.desk.session.get(Case, permit).valid_until
    near_the_end(season, permit)
    subject = whole(season, "owner", "open_renewal", renewal(season, permit))

    old, new = periods(record(season, permit))
    assert (old.valid_until, new.valid_from) == (first, first + timedelta(days=1))
    assert permit_until(record(season, permit)) == new.valid_until > first
    assert season.desk.session.get(Case, permit).valid_until == new.valid_until
    assert "renewal_filed" not in flags(season, permit)

    opened = old.application
    assert [paper.state for paper in papers(season, opened, "permit_record")] == ["void"]
    (anew,) = papers(season, subject, "permit_record")
    assert (anew.version, anew.replaces) == (2, papers(season, opened, "permit_record")[0].number)
    assert {"bt29", "bt46", "filing_receipt", "permit_order"} <= {paper.key for paper in papers(season, subject)}
    case = season.desk.session.get(Case, subject)
    assert (case.kind, case.worker) == ("renewal", worker_of(season, permit))
    assert verify(season.desk).sound


def test_a_renewal_opens_once_and_is_filed_before_the_end(season: Season) -> None:
    permit = permitted(season)
    near_the_end(season, permit, 1)
    stated = renewal(season, permit)
    assert refused(season, "owner2", "open_renewal", stated) == ["other-employer"]
    subject = opens(season, "owner", "open_renewal", stated, request_id="once").record.subject
    assert opens(season, "owner", "open_renewal", stated, request_id="once").repeated
    assert refused(season, "owner", "open_renewal", stated) == ["in-another-file"]

    examined(season, subject)
    season.calendar.next_day(2)

    filing = filing_of_renewal(season, subject)
    assert "too-late" in against(season, "owner", subject, "file_application", filing)
    does(season, "owner", subject, "withdraw", WHY)
    assert refused(season, "owner", "open_renewal", stated) == ["too-late"]


def test_a_certificate_that_still_runs_is_taken_over_and_an_old_one_is_not(season: Season) -> None:
    permit = permitted(season, days=59)
    season.calendar.next_day(30)
    early = opens(season, "owner", "open_renewal", renewal(season, permit)).record
    kept = early.last("keep_identity").evidence
    assert kept.photo
    assert kept.name_latin == season.desk.session.get(Case, permit).title
    assert early.state == "admitted"
    assert does(season, "officer", early.subject, "accept_earlier_medical", EarlierMedical()).record.state == "ready"
    does(season, "officer", early.subject, "end_without_permit", CODED)
    season.calendar.next_day(29)
    late = opens(season, "owner", "open_renewal", renewal(season, permit)).record.subject
    assert against(season, "officer", late, "accept_earlier_medical", EarlierMedical()) == ["medical-expired-before"]


def test_a_filed_renewal_is_on_the_permit_until_it_comes_to_nothing(season: Season) -> None:
    permit = permitted(season)
    near_the_end(season, permit)
    subject = opens(season, "officer", "open_renewal", renewal(season, permit)).record.subject
    filed_on(season, subject)
    noted = record(season, permit).last("note_renewal").evidence
    assert (noted.application, noted.receipt) == (subject, record(season, subject).last("file_application").evidence.number)
    assert "renewal_filed" in flags(season, permit)
    does(season, "owner", subject, "withdraw", WHY)
    assert "renewal_filed" not in flags(season, permit)
    assert permit_until(record(season, permit)) == periods(record(season, permit))[0].valid_until
    assert verify(season.desk).sound


def test_the_renewed_period_begins_on_the_next_day_and_no_other(season: Season) -> None:
    permit = permitted(season)
    near_the_end(season, permit)
    subject = opens(season, "owner", "open_renewal", renewal(season, permit)).record.subject
    filed_on(season, subject)
    to_order(season, subject)
    until = permit_until(record(season, permit))
    for days, code in ((0, "not-next-day"), (2, "not-next-day")):
        said = replace(GOOD, valid_from=until + timedelta(days=days))
        assert against(season, "registrar", subject, "decide", said) == [code]
    long = replace(GOOD, valid_until=until + timedelta(days=400))
    assert against(season, "registrar", subject, "decide", long) == ["too-long"]
    does(season, "registrar", subject, "decide", replace(GOOD, valid_until=until + timedelta(days=30)))
    to_issue(season, subject)
    assert permit_until(record(season, permit)) == until + timedelta(days=30)


def test_nothing_is_granted_on_a_permit_that_is_on_hold_or_in_question(season: Season) -> None:
    permit = permitted(season)
    near_the_end(season, permit)
    subject = opens(season, "owner", "open_renewal", renewal(season, permit)).record.subject
    does(season, "officer", permit, "hold", WHY)
    filed_on(season, subject)
    to_order(season, subject)
    assert against(season, "registrar", subject, "decide", GOOD) == ["permit-held"]
    does(season, "officer", permit, "release", WHY)
    does(season, "officer", permit, "propose_revocation", RevocationProposal(ground="conditions", reason="ผิดเงื่อนไข"))
    assert against(season, "registrar", subject, "decide", GOOD) == ["permit-proposed"]
    does(season, "officer", permit, "drop_revocation", WHY)
    laid = Laid(from_on=season.calendar.today(), reason="ด่านปิด")
    does(season, "registrar", permit, "suspend", laid)
    assert against(season, "registrar", subject, "decide", GOOD) == ["permit-suspended"]
    does(season, "registrar", permit, "resume", laid)
    does(season, "registrar", subject, "decide", GOOD)
    assert to_issue(season, subject).state == "issued"


def test_an_application_names_the_worker_of_its_permit_and_a_worker_asks_for_himself_only(season: Season) -> None:
    one, other = permitted(season), "wk-another"
    near_the_end(season, one)
    stated = renewal(season, one)
    foreign = replace(stated, worker=other)
    assert refused(season, "owner", "open_renewal", foreign) == ["other-worker"]
    season.cast.actors["other"] = actor_of(other)
    assert refused(season, "other", "open_renewal", stated) == ["not-yourself"]
    season.cast.actors["self"] = actor_of(worker_of(season, one))
    assert opens(season, "self", "open_renewal", stated).record.state == "admitted"


# further employers --------------------------------------------------------------------------


def test_employers_are_added_up_to_three_and_a_fourth_is_refused(season: Season) -> None:
    permit = permitted(season)
    for number in (2, 3):
        part = another(season, number)
        subject = whole(season, f"owner{number}", "open_addition", addition(season, permit, part))
        assert season.desk.session.get(Case, subject).kind == "addition"
    assert employers(season, permit) == ["orchard", "orchard2", "orchard3"]
    (sheet,) = [paper for paper in papers(season, subject, "permit_record") if paper.state != "void"]
    frozen = record(season, sheet.subject).history[0].evidence.facts
    others = {one["name"] for one in frozen["other_employers"]}
    assert (sheet.version, len(others)) == (3, 2)
    assert frozen["employer"]["name"] not in others

    part = another(season, 4)
    assert refused(season, "owner4", "open_addition", addition(season, permit, part)) == ["too-many-employers"]
    assert refused(season, "owner3", "open_addition", addition(season, permit, "orchard3")) == [
        "works-there", "too-many-employers", "no-place",
    ]  # fmt: skip
    assert verify(season.desk).sound


def test_a_change_ends_the_one_employment_and_begins_the_other(season: Season) -> None:
    permit = permitted(season)
    part = another(season, 3)
    assert refused(season, "owner3", "open_change", change(season, permit, part, released=False)) == ["no-release"]
    assert refused(season, "owner3", "open_change", change(season, permit, part, ends="nobody")) == ["not-left"]
    assert refused(season, "owner2", "open_change", change(season, permit, part)) == ["other-employer"]
    until = permit_until(record(season, permit))
    subject = opens(season, "owner3", "open_change", change(season, permit, part)).record.subject
    filed_on(season, subject, "owner3")
    to_order(season, subject)
    later = replace(GOOD, valid_until=until + timedelta(days=1))
    assert against(season, "registrar", subject, "decide", later) == ["period-kept"]
    does(season, "registrar", subject, "decide", GOOD)
    to_issue(season, subject, 77)
    assert employers(season, permit) == ["orchard3"]
    assert permit_until(record(season, permit)) == until
    line = season.desk.session.get(FeeLine, (subject, "permit_fee"))
    assert (line.amount, line.status) == (77, "paid")
    assert verify(season.desk).sound


@pytest.mark.parametrize("wrong", [{"worker": ""}, {"permit": "another"}, {"ends": ""}])
def test_no_correction_turns_a_case_to_another_person_or_permit(season: Season, wrong: dict[str, str]) -> None:
    subject = opens(season, "owner3", "open_change", change(season, permitted(season), another(season, 3))).record.subject
    opening = record(season, subject).history[0]
    correction = Correction(number=opening.number, values=opening.evidence.plain() | wrong, reason="พิมพ์ผิด")
    assert against(season, "officer", subject, "propose_correction", correction) == ["other-case"]


def test_a_change_needs_no_consent_of_an_employer_who_let_the_worker_go(season: Season) -> None:
    permit = permitted(season)
    part = another(season, 3)
    on = season.calendar.today()
    orchard = season.cast.entries["orchard"]
    end = EmploymentEnd(employer=orchard, last_day=on, reason_code=EndReason.RESIGNED, reason="ลาออก")
    season.calendar.next_day(3)
    does(season, "owner", permit, "end_employment", end)
    whole(season, "owner3", "open_change", change(season, permit, part, ends="", released=False))
    assert employers(season, permit) == ["orchard3"]


def test_an_employer_who_records_the_end_while_the_change_is_under_way_does_not_stop_it(season: Season) -> None:
    permit = permitted(season)
    part = another(season, 3)
    subject = opens(season, "owner3", "open_change", change(season, permit, part)).record.subject
    filed_on(season, subject, "owner3")
    to_order(season, subject)
    on = season.calendar.today()
    end = EmploymentEnd(employer=season.cast.entries["orchard"], last_day=on, reason_code=EndReason.RESIGNED, reason="ลาออก")
    does(season, "owner", permit, "end_employment", end)
    does(season, "registrar", subject, "decide", GOOD)
    to_issue(season, subject, 77)
    assert employers(season, permit) == ["orchard3"]


def test_a_request_without_a_place_takes_nobody_on(season: Season) -> None:
    permit = permitted(season)
    part = another(season, 3, places=0)
    assert refused(season, "owner3", "open_addition", addition(season, permit, part)) == ["no-place"]


# substitute ---------------------------------------------------------------------------------


def test_a_lost_permit_is_replaced_and_the_loss_is_over(season: Season) -> None:
    permit = permitted(season)
    assert refused(season, "owner", "open_substitute", substitution(season, permit)) == ["not-lost"]
    lost(season, permit)
    before, until = periods(record(season, permit)), permit_until(record(season, permit))
    subject = whole(season, "owner", "open_substitute", substitution(season, permit))
    assert "lost" not in flags(season, permit)
    after = periods(record(season, permit))
    assert (after[0].valid_from, permit_until(record(season, permit))) == (before[0].valid_from, until)
    assert [paper.version for paper in papers(season, subject, "permit_record")] == [2]
    assert verify(season.desk).sound


def test_several_kinds_are_under_way_at_once_and_each_kind_once(season: Season) -> None:
    permit = permitted(season)
    part = another(season, 2, places=2)
    lost(season, permit)
    near_the_end(season, permit)
    opens(season, "owner", "open_renewal", renewal(season, permit))
    opens(season, "owner", "open_substitute", substitution(season, permit))
    opens(season, "owner2", "open_addition", addition(season, permit, part))
    mine = select(Case.kind).filter_by(flow="application", live=True, worker=worker_of(season, permit))
    assert sorted(season.desk.session.scalars(mine)) == ["addition", "renewal", "substitute"]
    assert refused(season, "owner2", "open_addition", addition(season, permit, part)) == ["in-another-file"]


# many at once -------------------------------------------------------------------------------


def test_an_employer_renews_many_and_doing_it_again_changes_nothing(season: Season) -> None:
    subjects = opened(season, 3)
    assert season.drive(subjects, until="issued") == subjects
    permits = list(season.desk.session.scalars(select(Case.subject).filter_by(flow="permit").order_by(Case.reference)))
    season.calendar.next_day(70)
    orchard = season.cast.entries["orchard"]
    coming = onpermit.renewals_to_come(season.desk, season.cast["owner"], orchard)
    assert {ending.permit.subject for ending in coming} == set(permits)
    assert onpermit.renewals_to_come(season.desk, season.cast["owner2"], orchard) == []
    for _ in range(2):
        done = list(onpermit.renew_many(season.desk, season.cast["owner"], orchard, permits, "batch"))
        assert [result.done for result in done] == [True] * 3
    again = list(onpermit.renew_many(season.desk, season.cast["owner"], orchard, permits, "other"))
    assert [result.done for result in again] == [False] * 3
    rivals = list(onpermit.renew_many(season.desk, season.cast["owner2"], orchard, permits, "rival"))
    assert [type(result.fault).__name__ for result in rivals] == ["CaseNotFound"] * 3
    coming = onpermit.renewals_to_come(season.desk, season.cast["owner"], orchard)
    assert all(ending.renewal is not None for ending in coming)
