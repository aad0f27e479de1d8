"""What applies, on screen and at the terminal; how a worker meets the rules; which term ends his permit."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from tests.signing_in import PASSWORD, sign_in_as, writing
from tests.test_casework import ROWS
from workflow import administration
from workflow.casework import Act
from workflow.demonstration import Cast, Season
from workflow.desk import Desk
from workflow.domain.actor import Role
from workflow.domain.registers import Account
from workflow.rules_command import rules
from workflow.store import factors
from workflow.store.projections import Case, RegisterEntry

RULES = Path(__file__).parent.parent / "workflow" / "rulesets" / "s64-grace-2025.toml"


@pytest.fixture
def officer(client: FlaskClient) -> FlaskClient:
    sign_in_as(client, "officer")
    return client


@pytest.fixture
def terminal(app: Flask) -> FlaskCliRunner:
    """A terminal with the commands that wsgi.py adds."""
    app.cli.add_command(rules)
    return app.test_cli_runner()


# on screen ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("en", "Policy committee on foreign workers, 8 July 2025"),
        ("th", "คณะกรรมการนโยบายการบริหารจัดการการทำงานของคนต่างด้าว 8 กรกฎาคม พ.ศ. 2568"),
        ("km", "គណៈកម្មាធិការគោលនយោបាយពលករបរទេសថៃ ៨ កក្កដា ២០២៥"),
    ],
)
def test_what_applied_on_a_day_is_told_in_each_language(officer: FlaskClient, said: str, told: str) -> None:
    officer.get(f"/rules?lang={said}")
    page = officer.get("/rules?on=20/8/2568&province=22&gate=ban-laem").text
    for named in ("S64-GRACE-2025", "S64-UNKNOWN-2025", "S64-NORMAL-B", told):
        assert named in page


def test_a_day_that_cannot_be_read_is_told_and_today_is_shown(officer: FlaskClient) -> None:
    officer.get("/rules?lang=en")
    page = officer.get("/rules?on=31/2/2569").text
    assert "This day cannot be read" in page
    assert "DEMO" in page


def test_a_place_without_rules_is_told_so(officer: FlaskClient) -> None:
    officer.get("/rules?lang=en")
    assert "No ruleset covers this day and province" in officer.get("/rules?on=1/1/2564&province=27").text
    assert officer.get("/rules?province=99").status_code == 200


def test_the_terms_of_a_permit_stand_where_it_is_decided(app: Flask, season: Season) -> None:
    season.request(ROWS[:1])
    (subject,) = season.desk.session.scalars(select(Case.subject).filter_by(flow="application"))
    season.drive([subject], until="assessed")
    reference = season.desk.session.scalar(select(Case.reference).filter_by(subject=subject))
    for user, path in (("registrar", f"/cases/{reference}/steps/decide"), ("officer", f"/cases/{reference}")):
        client = app.test_client()
        sign_in_as(client, user)
        client.get("/rules?lang=en")
        page = client.get(path).text
        for term in (
            "What ends the permit",
            "Longest term of the law",
            "Border pass",
            "Health insurance",
            "decides",
        ):
            assert term in page, (user, term)


def test_a_person_sees_each_rule_met_or_not_with_fact_and_source(app: Flask, season: Season) -> None:
    season.request(ROWS[:1])
    (subject,) = season.desk.session.scalars(select(Case.subject).filter_by(flow="application"))
    season.drive([subject])
    permit = season.desk.session.scalar(select(Case.reference).filter_by(flow="permit"))
    client = app.test_client()
    sign_in_as(client, "owner")
    client.get("/rules?lang=en")
    assert f"/cases/{permit}/rules" in client.get(f"/cases/{permit}").text
    page = client.get(f"/cases/{permit}/rules").text
    for told in (
        "Lowest age",
        "years old",
        "The permit runs until",
        "Employers now: 1",
        "Not met",
        "Invented for",
    ):
        assert told in page, told


@pytest.mark.parametrize(("user", "status"), [("gate", 403), ("owner2", 404)])
def test_who_has_nothing_to_do_with_a_person_sees_none_of_it(
    app: Flask, season: Season, user: str, status: int
) -> None:
    season.request(ROWS[:1])
    reference = season.desk.session.scalar(select(Case.reference).filter_by(flow="application"))
    client = app.test_client()
    sign_in_as(client, user)
    assert client.get(f"/cases/{reference}/rules").status_code == status


# at the terminal ------------------------------------------------------------------------------


def test_explain_tells_value_source_and_what_comes_next(terminal: FlaskCliRunner) -> None:
    asked = ["rules", "explain", "--on", "2025-08-20", "--province", "22", "--gate", "ban-laem"]
    told = json.loads(terminal.invoke(args=[*asked, "--json"]).output)
    values = {one["name"]: one for one in told["values"]}
    assert told["ruleset"]["id"] == "S64-GRACE-2025"
    assert (values["permit.length"]["value"], values["permit.length"]["said"]) == (90, ["90 days"])
    assert values["report.first_within_days"]["overruled"]
    assert values["fees.permit"]["since"] == "2021-11-16"
    assert "fees.substitute.permit" in told["unverified"]
    assert (told["next"]["on"], told["previous"]["ruleset"]["id"]) == ("2025-12-07", "S64-NORMAL-B")
    for said, word in (("th", "ราชกิจจานุเบกษา"), ("km", "រាជកិច្ច"), ("en", "Royal Gazette")):
        assert word in terminal.invoke(args=[*asked, "--lang", said]).output


def test_list_names_every_ruleset_of_the_register(terminal: FlaskCliRunner) -> None:
    listed = terminal.invoke(args=["rules", "list"]).output
    assert [
        name
        for name in ("DEMO", "S64-NORMAL-A", "S64-COVID-2", "S64-UNKNOWN-2025")
        if f"\t{name}\t" not in listed
    ] == []


def second_administrator(app: Flask, desk: Desk, cast: Cast) -> None:
    facts = Account(
        user_name="admin2",
        name="นางสองตา",
        role=Role.ADMINISTRATOR,
        office="PNR",
        valid_from=desk.now().date(),
    )
    opened = administration.open_account(desk, cast["admin"], facts, Act())
    with writing(app) as session:
        factors.equip_for_demonstration(session, [opened.record.reference], PASSWORD, desk.now())


def invoke(terminal: FlaskCliRunner, *args: str, password: str = PASSWORD) -> tuple[int, str]:
    """Give a command with the password typed, and the code that a demonstration offers taken."""
    done = terminal.invoke(args=["rules", *args], input=f"{password}\n\n")
    return done.exit_code, done.output


def test_two_persons_load_and_activate_a_ruleset_at_the_terminal(
    app: Flask, terminal: FlaskCliRunner, desk: Desk, cast: Cast, tmp_path: Path
) -> None:
    second_administrator(app, desk, cast)
    file = tmp_path / "grace2.toml"
    file.write_text(
        RULES.read_text("utf-8").replace('id = "S64-GRACE-2025"', 'id = "S64-GRACE-2025"\nedition = 2'),
        "utf-8",
    )
    status, told = invoke(terminal, "load", str(file), "--as", "admin")
    assert status == 0, told
    subject = told.split()[-1]
    assert state_of(desk, subject) == "proposed"
    assert invoke(terminal, "activate", subject, "--as", "admin")[0] == 1
    assert state_of(desk, subject) == "proposed"
    assert invoke(terminal, "activate", subject, "--as", "admin2")[0] == 0
    assert state_of(desk, subject) == "listed"
    assert invoke(terminal, "activate", subject, "--as", "admin2")[0] == 1


def test_a_faulty_file_is_refused_with_its_lines_and_nothing_is_kept(
    terminal: FlaskCliRunner, desk: Desk, cast: Cast, tmp_path: Path
) -> None:
    before = len(list(desk.session.scalars(select(RegisterEntry.subject).filter_by(register="ruleset"))))
    file = tmp_path / "wrong.toml"
    file.write_text(
        RULES.read_text("utf-8").replace("2025-12-06", "2025-01-01").replace("value = 90", 'value = "90"'),
        "utf-8",
    )
    status, told = invoke(terminal, "load", str(file), "--as", "admin")
    assert status == 1
    assert "wrong.toml:6 ruleset.effective_to: it ends before it starts" in told
    assert "permit.length" in told
    desk.session.rollback()
    assert (
        len(list(desk.session.scalars(select(RegisterEntry.subject).filter_by(register="ruleset")))) == before
    )


@pytest.mark.parametrize(
    ("user", "password"), [("admin", "wrong"), ("officer", PASSWORD), ("nobody", PASSWORD)]
)
def test_only_an_administrator_who_proves_himself_loads(
    terminal: FlaskCliRunner, cast: Cast, user: str, password: str
) -> None:
    assert invoke(terminal, "load", str(RULES), "--as", user, password=password)[0] == 1


def state_of(desk: Desk, subject: str) -> str:
    desk.session.rollback()
    return desk.session.get_one(RegisterEntry, subject).state
