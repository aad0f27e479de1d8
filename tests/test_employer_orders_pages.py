"""The pages of what stands against an employer: officials warn and bar, the board leads there, the employer appeals."""

from datetime import timedelta

from flask import Flask

from tests.driving import does, papers, record
from tests.onward import permitted
from tests.test_employer_orders import orchard
from tests.test_whole_way import visit
from tests.walking import send, words
from workflow.demonstration import Season
from workflow.domain.permit import EmploymentEnd, EndReason


def test_a_breach_of_the_board_leads_to_a_bar_that_the_employer_reads_and_appeals_against(
    app: Flask, season: Season
) -> None:
    permit = permitted(season)
    today, known = season.calendar.today(), season.desk.now()
    dismissed = EmploymentEnd(
        employer=orchard(season), last_day=today, reason_code=EndReason.DISMISSED, known_at=known, reason="-"
    )
    does(season, "owner", permit, "end_employment", dismissed)
    season.calendar.next_day(3)
    on = season.calendar.today() + timedelta(days=90)
    reference = record(season, orchard(season)).reference
    season.desk.session.rollback()
    officer, registrar, owner = (visit(app, who) for who in ("officer", "registrar", "owner"))
    assert "Propose to bar the employer" in words(officer.get("/deadlines"))
    assert "Propose to bar the employer" not in words(owner.get(f"/employers/{reference}/deadlines"))
    here = f"/employers/{reference}/standing"
    opened = record(season, permit)
    case, asked = opened.reference, record(season, opened.history[0].evidence.request).reference
    season.desk.session.rollback()
    offered = officer.get(f"{here}/propose_bar?case={case}")
    assert case in offered.text
    day = f"{on.day}/{on.month}/{on.year + 543}"
    said = {"ground": "not_told", "reason": "ไม่แจ้งอำเภอ", "until": day}
    assert send(officer, f"{here}/propose_bar", **(said | {"until": "1/1/2590"})).status_code == 422
    assert send(officer, f"{here}/propose_bar", **said).status_code == 303
    assert officer.get(f"{here}/bar_employer").status_code == 403
    assert "Bars of employers to decide" in words(registrar.get("/desk"))
    assert "Bars of employers to decide" not in words(officer.get("/desk"))
    assert "Bar proposed" in words(registrar.get("/employers/standing"))
    assert send(registrar, f"{here}/bar_employer", **said).status_code == 303
    assert "Bars of employers to decide" not in words(registrar.get("/desk"))
    assert "Barred until" in words(officer.get("/employers"))
    assert "Barred until" in words(officer.get(f"/cases/{asked}"))
    told = words(owner.get(here))
    assert "Barred until" in words(owner.get("/employer"))
    assert ("ไม่แจ้งอำเภอ" in told, "File an appeal" in told, "What can be done" in told) == (True, True, False)
    assert visit(app, "owner2").get(here).status_code == 404
    (bar,) = papers(season, orchard(season), "employer_bar")
    season.desk.session.rollback()
    assert bar.number in told
    assert f'href="{here}"' in owner.get(f"/papers/{bar.subject}").text
    assert owner.get(f"/papers/{bar.subject}/view").mimetype == "application/pdf"
    assert visit(app, "owner2").get(f"/papers/{bar.subject}").status_code == 404
    filed = send(owner, f"/employers/{reference}/appeal", grounds="แจ้งแล้ว")
    assert filed.status_code == 303
    assert "Filed, to be received" in words(owner.get(filed.location))
    refused = send(owner, f"/employers/{reference}/appeal", grounds="แจ้งแล้วอีกครั้ง")
    assert refused.status_code == 422
