"""The cashier's day: every receipt of the day, voids and money to pay back, one sum in figures and in Thai words."""

import io
from datetime import timedelta
from decimal import Decimal

import pypdfium2
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.driving import WHY, corrected, does, opened, record, state
from tests.signing_in import sign_in_as
from tests.walking import words
from workflow import cashday
from workflow.cashday import Choice
from workflow.demonstration import Season
from workflow.domain.thai import bangkok_date
from workflow.store.projections import FeeLine


def paid(season: Season, count: int) -> list[str]:
    """Bring workers so far that their permit fee is paid, all on one day."""
    subjects = opened(season, count)
    assert season.drive(subjects, until="paid") == subjects, season.left
    return subjects


def test_the_day_holds_every_receipt_its_void_and_what_is_to_be_paid_back(
    season: Season, client: FlaskClient
) -> None:
    one, two = paid(season, 2)
    done = record(season, one).last("pay_permit_fee")
    on = bangkok_date(done.happened_at)
    corrected(season, one, "pay_permit_fee", receipt_number="99999")
    does(season, "owner", two, "withdraw", WHY)
    assert state(season, two) == "withdrawn"
    ended = bangkok_date(record(season, two).history[-1].happened_at)

    cashier = season.cast["cashier"]
    day = cashday.day_of(season.desk, cashier, Choice(on))
    taken = season.desk.session.scalars(select(FeeLine).filter_by(paid_on=on)).all()
    assert len(day.receipts) == len(taken)
    assert day.total == sum((line.amount for line in taken), Decimal())
    assert [one.void for one in day.receipts if one.number == "99999"] == [
        f"{done.evidence.receipt_book} {done.evidence.receipt_number}".strip()
    ]
    assert [one.case.subject for one in day.receipts if one.to_pay_back] == [two]
    back = cashday.day_of(season.desk, cashier, Choice(ended)).pay_back
    assert [(one.case.subject, one.fee) for one in back] == [(two, "permit_fee")]
    assert day.by_cashier == [(cashier.name, day.total)]
    assert cashday.day_of(season.desk, cashier, Choice(on, cashier="nobody")).receipts == []
    assert cashday.day_of(season.desk, cashier, Choice(on, office="elsewhere")).receipts == []
    assert cashday.day_of(season.desk, season.cast["owner2"], Choice(on)).receipts == []
    earlier = dict(cashday.days_before(season.desk, cashier, on + timedelta(days=1)))
    assert earlier[on] == day.total

    client.get("/sign-in?lang=en")
    sign_in_as(client, "cashier")
    page = client.get(f"/cashier-day?on={on.isoformat()}")
    assert f"{day.total:,.0f} baht" in words(page)
    assert "บาทถ้วน" in words(page)
    assert "99999" in words(page)
    sheet = client.get(f"/cashier-day/print?on={on.isoformat()}&handed_to=นางสาวรับเงิน")
    assert sheet.mimetype == "application/pdf"
    text = " ".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(io.BytesIO(sheet.data)))
    for said in ("99999", f"{day.total:,.2f}", "รับเงิน"):
        assert said in text
    assert client.get("/cashier-day?on=nonsense").status_code == 200


def test_a_day_without_money_says_so(season: Season, client: FlaskClient) -> None:
    client.get("/sign-in?lang=en")
    sign_in_as(client, "cashier")
    assert "No money was taken on this day" in words(client.get("/cashier-day?on=2026-01-05"))
    assert client.get("/cashier-day/print?on=2026-01-05").data.startswith(b"%PDF-")
