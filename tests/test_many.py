"""Many at once: what is shared is stated once, each case stands or falls alone, and twice is once."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.signing_in import sign_in_as
from tests.walking import fill, read, words
from workflow import casework
from workflow.casework import Act
from workflow.demonstration import Season
from workflow.domain.everywhere import Reason
from workflow.domain.namelist import ListRow
from workflow.store.projections import Case, Document, FeeLine

ROWS = tuple(
    ListRow(row=7 + place, name_latin=name, sex=sex, pass_number=number, birth_on=born, birth_year=year)
    for place, (name, sex, number, born, year) in enumerate(
        [
            ("KIM KOSAL", "M", "PL160816", date(1979, 3, 5), None),
            ("NUON SREYMOM", "F", "BB545140", date(1999, 8, 9), None),
            ("CHAN DARA", "M", "BB545141", None, 1990),
        ]
    )
)


@pytest.fixture
def english(client: FlaskClient) -> FlaskClient:
    """A browser whose reader chose English."""
    client.get("/sign-in?lang=en")
    return client


def driven(season: Season, until: str) -> list[Case]:
    """A list of three workers, brought to a state."""
    season.request(ROWS)
    season.drive(list(season.desk.session.scalars(select(Case.subject).filter_by(flow="application"))), until=until)
    assert season.left == []
    return cases(season)


def cases(season: Season) -> list[Case]:
    """The applications as they are stored now."""
    season.desk.session.rollback()
    season.desk.session.expire_all()
    return list(season.desk.session.scalars(select(Case).filter_by(flow="application").order_by(Case.reference)))


def states(season: Season) -> list[str]:
    return [case.state for case in cases(season)]


def sheet(step: str, chosen: list[Case]) -> str:
    return f"/many/{step}?" + "&".join(f"case={case.reference}" for case in chosen)


def done(client: FlaskClient, path: str, **typed: object) -> str:
    """Fill the sheet in, say yes to the question, and give the words of the results."""
    first = client.post(path, data=fill(client, path, **typed))
    assert first.status_code == 200, words(first)
    assert "cases?" in words(first), words(first)
    answer = client.post(path, data=read(first).fields | {"confirmed": "yes"})
    assert answer.status_code == 200, words(answer)
    return words(answer)


def test_from_the_desk_the_chosen_rows_come_to_the_sheet_of_a_step(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    sign_in_as(english, "officer")
    page = english.get("/desk?tray=entries")
    assert "Plan the entry (3)" in words(page)
    reference = chosen[0].reference
    here = [case.reference for case in chosen]
    answer = english.get("/many", query_string={"step": "plan_entry", "case": reference, "here": here})
    assert answer.status_code == 302
    assert reference in answer.location
    assert chosen[1].reference not in answer.location


def test_entries_are_planned_for_many_and_listed_on_one_paper(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    sign_in_as(english, "officer")
    told = done(english, sheet("plan_entry", chosen), contact="นายมา 081")
    assert "Done for 3 of 3" in told
    assert all("entry_planned" in case.flags for case in cases(season))
    assert len(list(season.desk.session.scalars(select(Document).filter_by(key="entry_appointment")))) == 1


def test_all_workers_of_a_request_may_be_taken_together(english: FlaskClient, season: Season) -> None:
    driven(season, "requested")
    sign_in_as(english, "officer")
    request = season.desk.session.scalar(select(Case.reference).filter_by(flow="request"))
    page = english.get(f"/many/plan_entry?request={request}")
    assert [name for name in ("KIM KOSAL", "NUON SREYMOM", "CHAN DARA") if name not in words(page)] == []


def test_a_row_whose_tick_was_taken_away_is_left(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    sign_in_as(english, "officer")
    told = done(english, sheet("plan_entry", chosen), case=[chosen[0].reference, chosen[2].reference])
    assert "Done for 2 of 2" in told
    assert ["entry_planned" in case.flags for case in cases(season)] == [True, False, True]


def test_one_payment_covers_many_lines_at_the_sum_of_the_rules(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "filed")
    sign_in_as(english, "cashier")
    path = sheet("pay_application_fee", chosen)
    assert 'name="amount"' not in english.get(path).text
    sent = fill(english, path, receipt_book="101", receipt_number="77")
    asked = english.post(path, data=sent)
    assert "Together: 300 baht" in words(asked)
    confirmed = read(asked).fields | {"confirmed": "yes"}
    assert "Done for 3 of 3" in words(english.post(path, data=confirmed))
    season.desk.session.rollback()
    lines = list(season.desk.session.scalars(select(FeeLine)))
    assert {(line.status, line.amount, line.receipt) for line in lines} == {("paid", Decimal(100), "101 77")}
    assert len({line.payment for line in lines}) == 1
    versions = [case.version for case in cases(season)]
    assert "Done for 3 of 3" in words(english.post(path, data=confirmed))
    assert [case.version for case in cases(season)] == versions


def test_a_receipt_of_another_payment_is_refused_row_by_row(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "filed")
    sign_in_as(english, "cashier")
    first = done(english, sheet("pay_application_fee", chosen[:1]), receipt_book="101", receipt_number="77")
    assert "Done for 1 of 1" in first
    again = done(english, sheet("pay_application_fee", chosen[1:]), receipt_book="101", receipt_number="77")
    assert "Done for 0 of 2" in again
    assert "This receipt number was entered for another payment." in again
    assert states(season) == ["examined", "filed", "filed"]


def test_a_second_sheet_under_the_sign_of_the_first_does_not_share_its_receipt(
    english: FlaskClient, season: Season
) -> None:
    chosen = driven(season, "filed")
    sign_in_as(english, "cashier")
    signed = {"receipt_book": "101", "receipt_number": "77", "batch": "0" * 32, "confirmed": "yes"}
    sheets = [sheet("pay_application_fee", some) for some in (chosen[:1], chosen[1:])]
    first, again = (words(english.post(path, data=fill(english, path, **signed))) for path in sheets)
    assert "Done for 1 of 1" in first
    assert "Done for 0 of 2" in again
    assert "This receipt number was entered for another payment." in again
    assert states(season) == ["examined", "filed", "filed"]


def test_what_differs_is_typed_row_by_row(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    sign_in_as(english, "hospital")
    path = sheet("record_medical", chosen)
    rows = {f"row__{case.reference.replace('-', '__')}__result": "1" for case in chosen}
    numbers = {f"row__{c.reference.replace('-', '__')}__certificate_number": f"MC-{n}" for n, c in enumerate(chosen)}
    bad = english.post(path, data=fill(english, path, doctor_licence="ว.1", **rows))
    assert bad.status_code == 422
    assert words(bad).count("Fill in: Certificate number") >= 3
    told = done(english, path, doctor_licence="ว.1", **rows, **numbers)
    assert "Done for 3 of 3" in told
    assert states(season) == ["cleared"] * 3


def test_the_registrar_sees_odd_rows_first_without_a_tick_and_decides_the_rest(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "assessed")
    season.calendar.next_day()
    sign_in_as(english, "registrar")
    desk = words(english.get("/desk?tray=decide"))
    assert desk.index("CHAN DARA") < desk.index("KIM KOSAL")
    path = sheet("decide", chosen)
    page = english.get(path)
    assert words(page).index("CHAN DARA") < words(page).index("KIM KOSAL")
    assert "Only the year of birth is known" in words(page)
    ticked = read(page).fields.getlist("case")
    assert chosen[0].reference in ticked
    assert chosen[2].reference not in ticked
    assert f"Done for {len(ticked)} of {len(ticked)}" in done(english, path, order="permit")
    assert [case.reference for case in cases(season) if case.state == "granted"] == ticked


def test_one_case_that_moved_meanwhile_does_not_hold_up_the_others(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    sign_in_as(english, "officer")
    path = sheet("plan_entry", chosen)
    sent = fill(english, path)
    casework.perform(season.desk, season.cast["clerk"], chosen[1].subject, "hold", Reason(reason="ตรวจสอบ"), Act())
    answer = english.post(path, data={**sent.to_dict(flat=False), "confirmed": "yes"})
    assert "Done for" in words(answer)
    held = cases(season)[1]
    assert "entry_planned" not in held.flags
    assert "entry_planned" in cases(season)[2].flags


def test_nothing_ticked_or_a_wrong_date_stores_nothing(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    sign_in_as(english, "officer")
    path = sheet("plan_entry", chosen)
    nobody = english.post(path, data=fill(english, path, case=[]))
    assert (nobody.status_code, "Choose at least one case." in words(nobody)) == (422, True)
    wrong = english.post(path, data=fill(english, path, entry_on="31/2/2569") | {"confirmed": "yes"})
    assert wrong.status_code == 422
    assert 'href="#entry_on"' in wrong.text
    assert all("entry_planned" not in case.flags for case in cases(season))


def test_what_is_not_for_many_not_for_this_role_or_not_in_sight_has_no_sheet(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    sign_in_as(english, "officer")
    assert english.get(sheet("check_identity", chosen)).status_code == 404
    assert english.get(sheet("decide", chosen)).status_code == 403
    assert english.get("/many/plan_entry").status_code == 409
    assert english.get("/many/plan_entry?case=PNR-64-2569-999999").status_code == 404
    stranger = english.application.test_client()
    sign_in_as(stranger, "gate2")
    assert stranger.get(sheet("record_entry", chosen)).status_code == 404


def test_a_case_that_is_not_open_for_the_step_is_shown_with_its_reason(english: FlaskClient, season: Season) -> None:
    chosen = driven(season, "requested")
    casework.perform(season.desk, season.cast["clerk"], chosen[0].subject, "hold", Reason(reason="ตรวจสอบ"), Act())
    sign_in_as(english, "officer")
    page = english.get(sheet("plan_entry", chosen))
    assert "The step is not open on this case." in words(page)
    assert re.search(rf'name="case" value="{chosen[0].reference}"', page.text) is None
