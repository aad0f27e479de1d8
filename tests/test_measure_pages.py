"""A measure on screen and at the terminal: prepared and tried by one, applied by another, seen on the permit, taken back."""

import csv
import io
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from tests.onward import permitted
from tests.test_persons_pages import as_user
from tests.walking import send, words
from workflow import jobs, measures
from workflow.casework import Act
from workflow.cli import COMMANDS
from workflow.demonstration import Season
from workflow.demonstration.people import PASSWORD
from workflow.domain.actor import Actor, Role
from workflow.domain.measure import MeasureDraft, Reach
from workflow.store.history import record_of
from workflow.store.projections import Case, RegisterEntry

TITLE = "มาตรการช่วงปิดด่าน"


def test_a_measure_is_prepared_tried_applied_and_taken_back_on_its_pages(app: Flask, season: Season) -> None:
    permit = permitted(season, 30)
    before = record_of(season.desk.session, permit)
    today = season.calendar.today()
    first, second = as_user(app, "peo"), as_user(app, "registrar")
    typed = {
        "title": TITLE, "legal_basis": "มติทดลอง", "ruleset": "DEMO", "provinces": ["22"], "from_on": day(today),
        "ends_on": "", "ends_when": "", "reach": "running",
    }  # fmt: skip
    prepared = send(first, "/measures/new", **typed)
    assert prepared.status_code == 303, words(prepared)
    page = prepared.location
    assert send(first, f"{page}/record_dry_run").status_code == 303
    shown = first.get(page)
    assert before.reference in shown.text
    assert "Under grace" in words(shown)
    listed = list(csv.reader(io.StringIO(first.get(f"{page}/changed.csv").text.lstrip("\ufeff"))))
    assert [row[0] for row in listed[1:]] == [before.reference]
    assert listed[1][2] < listed[1][3]
    refused = send(first, f"{page}/apply_measure")
    assert refused.status_code == 422
    assert "a second person must do this one" in words(refused)
    assert send(second, f"{page}/apply_measure").status_code == 303
    season.calendar.moment += timedelta(minutes=1)
    assert f"By the measure “{TITLE}”" in words(first.get(f"/cases/{before.reference}"))
    assert send(first, f"{page}/revert_measure", reason="มติใหม่").status_code == 303
    assert TITLE not in words(first.get(f"/cases/{before.reference}"))
    season.desk.session.rollback()
    assert record_of(season.desk.session, permit) == before
    assert TITLE in first.get("/measures").text
    assert first.get("/measures/nothing").status_code == 404
    assert first.get(f"{page}/everything.csv").status_code == 404


def test_where_there_are_queues_a_long_step_is_handed_in_and_its_page_says_how_far_it_is(
    app: Flask, season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    permitted(season, 30)
    stated = MeasureDraft(
        title=TITLE, legal_basis="มติ", ruleset="DEMO", provinces=("22",), from_on=season.calendar.today(), reach=Reach.LIVE,
    )  # fmt: skip
    record = measures.draft(season.desk, season.cast["peo"], stated, Act()).record
    client, page = as_user(app, "peo"), f"/measures/{record.reference}"
    engine = season.desk.session.get_bind().engine
    jobs.prepare(engine)
    monkeypatch.setitem(app.extensions, "queues", jobs.Queues(engine))
    assert send(client, f"{page}/record_dry_run").status_code == 303
    waiting = client.get(page)
    assert "<progress" in waiting.text
    assert "0 of 1" in words(waiting)
    assert "What can be done" not in words(waiting), "nothing is asked for twice"
    season.desk.session.rollback()
    order = app.extensions["queues"].last_order(record.subject).order
    asked = Act(request_id=order.request_id, seen_version=order.version)
    measures.carry_out(
        season.desk, season.cast[order.user_name], order.measure, order.step, order.reason, asked
    )
    assert measures.measure_of(season.desk, record.subject).state == "tried"
    refused = send(client, f"{page}/apply_measure")
    assert refused.status_code == 422
    assert "a second person must do this one" in words(refused)


def day(on: object) -> str:
    return f"{on.day}/{on.month}/{on.year}"


def test_the_fault_of_a_measure_is_told_beside_its_field(app: Flask, season: Season) -> None:
    client, today = as_user(app, "peo"), season.calendar.today()
    typed = {"title": TITLE, "legal_basis": "มติ", "ruleset": "DEMO", "provinces": ["22"], "from_on": day(today),
             "ends_on": day(today - timedelta(days=1)), "ends_when": "", "reach": "live"}  # fmt: skip
    refused = send(client, "/measures/new", **typed)
    assert refused.status_code == 422
    assert "The measure ends before it begins." in words(refused)
    assert season.desk.session.scalar(select(RegisterEntry.subject).filter_by(register="measure")) is None


def test_whoever_does_not_prepare_measures_has_no_page_of_them(app: Flask) -> None:
    assert as_user(app, "owner").get("/measures").status_code == 403
    assert as_user(app, "auditor").get("/measures").status_code == 200
    assert as_user(app, "auditor").get("/measures/new").status_code == 403


def run(app: Flask, *words_typed: str) -> Result:
    command = next(one for one in COMMANDS if one.name == "measure")
    if command.name not in app.cli.commands:
        app.cli.add_command(command)
    typed = f"{app.config['DEMONSTRATION_PASSWORD'] or PASSWORD}\n\n"
    return app.test_cli_runner().invoke(args=["measure", *words_typed], input=typed)


@pytest.mark.usefixtures("app")
def test_the_commands_try_and_apply_and_take_back(
    app: Flask, season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit = permitted(season, 30)
    other = Actor(person="other", account="other", role=Role.ADMINISTRATOR, name="-")
    stated = MeasureDraft(
        title=TITLE,
        legal_basis="มติ",
        ruleset="DEMO",
        provinces=("22",),
        from_on=season.calendar.today(),
        reach=Reach.LIVE,
    )
    record = measures.draft(season.desk, other, stated, Act()).record
    monkeypatch.setattr("workflow.rules_command.sign_in", lambda at, user_name: season.cast["admin"])
    assert "drafted" in run(app, "list").output
    tried = run(app, "dry-run", record.reference, "--as", "admin")
    assert "changed: 1" in tried.output, tried.output
    four_eyes = run(app, "apply", record.reference, "--as", "admin")
    assert four_eyes.exit_code == 1
    assert "second person" in four_eyes.output
    monkeypatch.setattr("workflow.rules_command.sign_in", lambda at, user_name: season.cast["registrar"])
    applied = run(app, "apply", record.reference, "--as", "registrar")
    assert "laid over 1" in applied.output, applied.output
    season.calendar.moment += timedelta(minutes=1)
    monkeypatch.setattr("workflow.rules_command.sign_in", lambda at, user_name: other)
    back = run(app, "revert", record.reference, "--as", "admin", "--reason", "มติใหม่")
    assert "taken back 1, acted on since 0" in back.output, back.output
    season.desk.session.rollback()
    assert season.desk.session.get(Case, permit).measure is None
    assert run(app, "apply", record.reference, "--as", "admin").exit_code == 1
    assert run(app, "apply", "nothing", "--as", "admin").exit_code == 1
