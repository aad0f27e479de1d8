"""The one door to the component library: fields and error summaries, in our words.

Forms below know nothing of it: `draw_field` chooses the component by the kind of field. To leave the library,
replace this module.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask
from flask_babel import gettext
from govuk_frontend_wtf import wtforms_widgets as library
from govuk_frontend_wtf.gov_form_base import GovFormBase
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from markupsafe import Markup
from wtforms import Field, FieldList, Form, FormField, fields
from wtforms.csrf.core import CSRFTokenField

from workflow.domain.flow import Refusal
from workflow.domain.words import N_
from workflow.web.shown import show_refusal

OPEN_TOO_LONG = N_(
    "This page was open for too long. Nothing was saved yet. What you typed is kept: send it again."
)
Problem = tuple[str, str | None]
"""What is wrong, and the link to the field at fault."""


def init_ui(app: Flask) -> None:
    """Give templates the components."""
    names = ("govuk_frontend_jinja", "govuk_frontend_wtf")
    library_templates = PrefixLoader({name: PackageLoader(name) for name in names})
    app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader or app.jinja_loader, library_templates])
    app.jinja_env.globals.update(draw_field=draw_field, problems=problems)


class InOurWords(GovFormBase):
    """Mends what the library leaves in English, or leaves out."""

    PARAMETERS = ("autocomplete", "inputmode", "spellcheck", "autocapitalize", "disabled")

    def render(self, params: dict[str, Any]) -> Markup:
        """Draw the component after naming errors in the reader's language."""
        if "errorMessage" in params:
            params["errorMessage"]["visuallyHiddenText"] = gettext("Error")
        if not (params.get("hint") or {}).get("text"):
            params.pop("hint", None)
        attributes = params.get("attributes", {})
        params.update({name: attributes.pop(name) for name in self.PARAMETERS if name in attributes})
        return super().render(params)


class Password(InOurWords, library.GovPasswordInput):
    """A password with a button that shows it."""

    def render(self, params: dict[str, Any]) -> Markup:
        """Draw the component with its button's words."""
        params |= {
            "showPasswordText": gettext("Show"),
            "hidePasswordText": gettext("Hide"),
            "showPasswordAriaLabelText": gettext("Show password"),
            "hidePasswordAriaLabelText": gettext("Hide password"),
            "passwordShownAnnouncementText": gettext("Your password is visible"),
            "passwordHiddenAnnouncementText": gettext("Your password is hidden"),
        }
        return super().render(params)


class File(InOurWords, library.GovFileInput):
    """A file or photograph, chosen or dropped."""

    def render(self, params: dict[str, Any]) -> Markup:
        """Draw the component with the words of its button."""
        params |= {
            "javascript": True,
            "chooseFilesButtonText": gettext("Choose a file"),
            "dropInstructionText": gettext("or drop it here"),
            "noFileChosenText": gettext("No file chosen"),
            "multipleFilesChosenText": {"other": gettext("%(count)s files chosen", count="%{count}")},
            "enteredDropZoneText": gettext("Drop the file here"),
            "leftDropZoneText": gettext("The file is not over the box"),
        }
        return super().render(params)


def _ours(widget: type[GovFormBase]) -> GovFormBase:
    return type(f"Our{widget.__name__}", (InOurWords, widget), {})()


COMPONENTS: tuple[tuple[type[Field], GovFormBase], ...] = (
    (fields.PasswordField, Password()),
    (fields.FileField, File()),
    (fields.RadioField, _ours(library.GovRadioInput)),
    (fields.SelectMultipleField, _ours(library.GovCheckboxesInput)),
    (fields.SelectField, _ours(library.GovSelect)),
    (fields.BooleanField, _ours(library.GovCheckboxInput)),
    (fields.TextAreaField, _ours(library.GovTextArea)),
    (fields.Field, _ours(library.GovTextInput)),
)
"""First match wins: the particular before the general."""


def draw_field(field: Field, **options: Any) -> Markup:
    """Draw one form field with its label, hint and error; hidden fields and groups as what they are."""
    if isinstance(field, fields.HiddenField):
        return Markup(field())
    if isinstance(field, FormField | FieldList):
        inner = field.form if isinstance(field, FormField) else field.entries
        return Markup("").join(draw_field(part, **options) for part in inner)
    component = next(component for kind, component in COMPONENTS if isinstance(field, kind))
    kind = getattr(field.widget, "input_type", None)
    if type(component).__name__ == "OurGovTextInput" and kind:
        options.setdefault("type", kind)
    return component(field, **{**(field.render_kw or {}), **options})


def problems(form: Form | None, refusals: Iterable[Refusal] = ()) -> list[Problem]:
    """List all that is wrong with a form, each with the link to its field, then what the rules refuse."""
    found = list(_field_problems(form)) if form is not None else []
    if form is not None:
        found += [(str(text), None) for text in form.form_errors]
    return found + [(show_refusal(refusal), _link(form, refusal.field)) for refusal in refusals]


def _field_problems(fields_of: Iterable[Field]) -> Iterator[Problem]:
    for field in fields_of:
        if isinstance(field, FormField):
            yield from _field_problems(field.form)
        elif isinstance(field, FieldList):
            yield from _field_problems(field.entries)
        elif field.errors and isinstance(field, CSRFTokenField):
            yield gettext(OPEN_TOO_LONG), None
        elif field.errors:
            hidden = isinstance(field, fields.HiddenField)
            yield str(field.errors[0]), None if hidden else f"#{field.id}"


def _link(form: Form | None, name: str | None) -> str | None:
    return f"#{form[name].id}" if form is not None and name and name in form else None
