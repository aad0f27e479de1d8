"""The pages where applications on a permit begin: renewals of many, another employer at two desks, an appeal."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.driving import does, opened, order, record
from tests.onward import (
    addition,
    another,
    examined,
    lost,
    near_the_end,
    opens,
    permitted,
    renewal,
    request_of,
    substitution,
)
from tests.signing_in import sign_in_as
from tests.walking import fill, words
from workflow.demonstration import Season
from workflow.demonstration.invention import drawn_photo
from workflow.domain.application import PermitOutcome
from workflow.domain.spells import periods
from workflow.store.projections import Case, RegisterEntry


@pytest.fixture
def browser(client: FlaskClient) -> FlaskClient:
    """A browser whose reader chose English."""
    client.get("/sign-in?lang=en")
    return client


def reference(season: Season, subject: str) -> str:
    """Give the reference under which a case or a register entry is shown."""
    season.desk.session.rollback()
    case = season.desk.session.get(Case, subject)
    return (case or season.desk.session.get(RegisterEntry, subject)).reference


def employer(season: Season, part: str = "orchard") -> str:
    """Give the reference of an employer."""
    return reference(season, season.cast.entries[part])


def applications(season: Season, kind: str) -> list[Case]:
    """List the applications of a kind."""
    season.desk.session.rollback()
    return list(season.desk.session.scalars(select(Case).filter_by(kind=kind).order_by(Case.reference)))


def scan(season: Season) -> tuple[io.BytesIO, str]:
    """A photographed signature."""
    return io.BytesIO(drawn_photo(season.invention.chance)), "consent.jpg"


def test_an_owner_opens_the_renewals_of_many_with_one_press(season: Season, browser: FlaskClient) -> None:
    subjects = opened(season, 3)
    assert season.drive(subjects, until="issued") == subjects
    sign_in_as(browser, "owner")
    path = f"/employers/{employer(season)}/renewals"
    assert "No permit may be renewed now" in words(browser.get(path))
    season.calendar.next_day(75)
    sign_in_as(browser, "owner")
    assert path in browser.get("/employer").text
    page = browser.get(path)
    permits = season.desk.session.scalars(select(Case.reference).filter_by(flow="permit").order_by(Case.reference)).all()
    assert all(one in page.text for one in permits)
    form = fill(browser, path, permit=list(permits[:2]))
    assert "Done for 2 of 2" in words(browser.post(path, data=form))
    assert "Done for 2 of 2" in words(browser.post(path, data=form))
    assert len(applications(season, "renewal")) == 2
    again = words(browser.get(path))
    assert again.count("Under way") == 2
    shown = words(browser.get(f"/cases/{applications(season, 'renewal')[0].reference}"))
    assert "Renewal" in shown
    assert "May not work" not in shown


def test_the_page_of_a_permit_leads_to_its_renewal_when_it_opens(season: Season, browser: FlaskClient) -> None:
    permit = permitted(season)
    address = f"/cases/{reference(season, permit)}"
    sign_in_as(browser, "owner")
    assert "The renewal opens on" in words(browser.get(address))
    early = browser.post(f"{address}/begin/open_renewal", data=fill(browser, f"{address}/begin/open_renewal"))
    assert early.status_code == 422
    near_the_end(season, permit)
    sign_in_as(browser, "owner")
    assert f"{address}/begin/open_renewal" in browser.get(address).text
    done = browser.post(f"{address}/begin/open_renewal", data=fill(browser, f"{address}/begin/open_renewal"))
    (renewal,) = applications(season, "renewal")
    assert done.location == f"/cases/{renewal.reference}"
    assert browser.get(f"{address}/begin/file_appeal").status_code == 404


def test_a_new_employer_takes_a_worker_on_and_sees_no_rival(season: Season, browser: FlaskClient) -> None:
    permit = permitted(season)
    another(season, 2)
    season.cast.actors.pop("owner2", None)
    held = periods(record(season, permit))[-1].permit_number
    worker = record(season, permit).history[0].evidence.worker
    passed = record(season, worker).history[-1].evidence.pass_number
    sign_in_as(browser, "owner2")
    path = f"/employers/{employer(season, 'orchard2')}/newcomers"
    asked = {"kind": "addition", "request": request_of(season, "orchard2"), "consent_scan": scan(season)}
    wrong = browser.post(path, data=fill(browser, path, pass_number=passed, permit_number="64-99999", **asked))
    assert wrong.status_code == 422
    assert "No running permit has these two numbers" in words(wrong)
    asked["consent_scan"] = scan(season)
    done = browser.post(path, data=fill(browser, path, pass_number=passed, permit_number=held, **asked))
    (added,) = applications(season, "addition")
    assert done.location == f"/cases/{added.reference}"
    rival = season.desk.session.get(RegisterEntry, season.cast.entries["orchard"]).name
    shown = browser.get(done.location).text
    assert rival not in shown
    assert "Further employer" in words(browser.get(done.location))
    assert browser.get(f"/cases/{reference(season, permit)}").status_code == 404


def test_an_officer_keys_in_a_change_of_employer(season: Season, browser: FlaskClient) -> None:
    permit = permitted(season)
    another(season, 2)
    sign_in_as(browser, "officer")
    path = f"/cases/{reference(season, permit)}/employers/new"
    asked = {"kind": "change", "request": request_of(season, "orchard2")}
    typed = fill(browser, path, **asked, consent_scan=scan(season))
    page = browser.post(path, data=typed)
    assert page.status_code == 422
    assert "Say which employer the worker leaves" in words(page)
    asked["ends"] = season.cast.entries["orchard"]
    done = browser.post(path, data=fill(browser, path, **asked, consent_scan=scan(season), release_scan=scan(season)))
    (changed,) = applications(season, "change")
    assert done.location == f"/cases/{changed.reference}"
    assert record(season, changed.subject).history[0].on_behalf_of == "employer"


def test_an_owner_appeals_from_the_page_of_the_refused_case(
    season: Season, browser: FlaskClient, app: Flask
) -> None:
    (subject,) = opened(season)
    season.drive([subject], until="assessed")
    sign_in_as(browser, "owner")
    address = f"/cases/{reference(season, subject)}"
    assert browser.get(f"{address}/appeal").status_code == 404
    refuse = order(PermitOutcome.REFUSE, reason_code="incomplete", reason="เอกสารไม่ครบ")
    does(season, "registrar", subject, "decide", refuse)
    assert f"{address}/appeal" in browser.get(address).text
    empty = browser.post(f"{address}/appeal", data=fill(browser, f"{address}/appeal"))
    assert empty.status_code == 422
    done = browser.post(f"{address}/appeal", data=fill(browser, f"{address}/appeal", grounds="ยื่นครบแล้ว"))
    shown = words(browser.get(done.location))
    assert "The appeal waits at the counter" in shown
    assert "ยื่นครบแล้ว" in shown
    office = app.test_client()
    sign_in_as(office, "officer")
    office.get("/account?lang=en")
    assert "Appeals to receive" in words(office.get("/"))


@pytest.mark.parametrize("kind", ["renewal", "addition", "substitute"])
def test_every_form_of_an_application_on_a_permit_opens_filled_with_what_is_known(
    season: Season, browser: FlaskClient, app: Flask, kind: str
) -> None:
    permit = permitted(season)
    if kind == "renewal":
        near_the_end(season, permit)
        case = opens(season, "owner", "open_renewal", renewal(season, permit)).record
        examined(season, case.subject)
    elif kind == "addition":
        part = another(season, 2)
        case = opens(season, "owner2", "open_addition", addition(season, permit, part)).record
    else:
        lost(season, permit)
        case = opens(season, "owner", "open_substitute", substitution(season, permit)).record
    owner, step = ("owner2" if kind == "addition" else "owner"), FILES[kind]
    sign_in_as(browser, owner)
    form = browser.get(f"/cases/{case.reference}/steps/{step}")
    assert form.status_code == 200
    known = {"renewal": "สวนลำไยตัวอย่าง 99", "addition": "สวนลำไยตัวอย่าง 99", "substitute": ""}[kind]
    assert known in form.text
    office = app.test_client()
    sign_in_as(office, "officer")
    page = office.get(f"/cases/{case.reference}")
    for address in set(re.findall(rf"/cases/{case.reference}/steps/\w+", page.text)):
        assert office.get(address).status_code == 200, address


FILES = {"renewal": "file_application", "addition": "file_change", "substitute": "file_substitute"}
