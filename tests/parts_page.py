"""A page of every part, served inside an office: what the tests of the frame look at."""

from datetime import UTC, date, datetime

from flask import Flask, render_template, request
from flask_wtf import FlaskForm
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import (
    BooleanField,
    FileField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from workflow.domain.flow import Refusal
from workflow.web.access import allow, in_menu
from workflow.web.shell import shows_form_again

HOSTILE = "\"'><script>alert(1)</script>"


class Parts(FlaskForm):
    """One field of each kind."""

    name = StringField("ชื่อนายจ้าง", [InputRequired("กรอกชื่อนายจ้าง")], description="ตามหนังสือรับรอง")
    number = StringField("เลขประจำตัว", render_kw={"inputmode": "numeric"})
    kind = RadioField(
        "ประเภท",
        [InputRequired("เลือกประเภท")],
        choices=[SelectChoice("a", "นิติบุคคลไทย"), SelectChoice("b", "บุคคลธรรมดา")],
    )
    gate = SelectField("จุดผ่านแดน", choices=[SelectChoice("1", "บ้านแหลม"), SelectChoice("2", "บ้านผักกาด")])
    items = SelectMultipleField(
        "เอกสารที่แนบ", choices=[SelectChoice("1", "สำเนาบัตร"), SelectChoice("2", "แผนที่")]
    )
    certain = BooleanField("ข้อความข้างต้นเป็นความจริง")
    note = TextAreaField("หมายเหตุ")
    scan = FileField("ไฟล์สแกน")
    secret = PasswordField("รหัสผ่าน", render_kw={"autocomplete": "current-password"})


def add_parts_page(app: Flask) -> list[dict[str, list[str]]]:
    """Add pages that show every part, save a form and fail; give what the form saved."""
    saved: list[dict[str, list[str]]] = []
    here = FileSystemLoader(__file__.rpartition("/")[0])
    app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, here])

    @allow()
    @in_menu("ชิ้นส่วน", order=99)
    @shows_form_again
    def parts() -> str:
        form = Parts()
        if form.validate_on_submit():
            saved.append(request.form.to_dict(flat=False))
        return render_template(
            "parts.html",
            form=form,
            refusals=[Refusal("code", "Too many attempts", field="number")] if form.errors else [],
            day=date(2026, 12, 1),
            moment=datetime(2026, 12, 1, 18, 30, tzinfo=UTC),
            address=lambda number: f"?page={number}",
            hostile=HOSTILE,
        )

    @allow()
    def plain_save() -> str:
        saved.append(request.form.to_dict(flat=False))
        return "saved"

    @allow()
    def fail() -> str:
        raise RuntimeError("the secret reason")

    def unmarked() -> str:
        return "never"

    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "home", allow()(lambda: parts()))
    app.add_url_rule("/parts", "parts", parts, methods=["GET", "POST"])
    app.add_url_rule("/plain-save", "plain_save", plain_save, methods=["POST"])
    app.add_url_rule("/fail", "fail", fail)
    app.add_url_rule("/unmarked", "unmarked", unmarked)
    return saved
