"""What people type to sign in."""

from typing import Self

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Form, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from workflow.store.passwords import weakness

NAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
CODE = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
NEW = {"autocomplete": "new-password"}


def _name_field() -> StringField:
    needed = [
        InputRequired(_("Enter your user name")),
        Length(max=100, message=_("This user name is too long")),
    ]
    return StringField(_("User name"), needed, render_kw=NAME)


def _password_field(
    label: str, message: str, hint: str = "", *more: object, **attributes: str
) -> PasswordField:
    return PasswordField(label, [InputRequired(message), *more], description=hint, render_kw=attributes)


class SignIn(FlaskForm):
    """User name and password."""

    user_name = _name_field()
    password = _password_field(_("Password"), _("Enter your password"), autocomplete="current-password")


class FirstSignIn(FlaskForm):
    """User name and the one-time code of the slip."""

    user_name = _name_field()
    code = StringField(
        _("One-time code"),
        [InputRequired(_("Enter the one-time code")), Length(max=40, message=_("This code is too long"))],
        description=_(
            "It is on the slip that the office gave you. Capital letters and hyphens do not matter."
        ),
        render_kw=CODE,
    )


class SecondFactor(FlaskForm):
    """A code of the telephone, or one of the sheet."""

    code = StringField(
        _("Code"),
        [InputRequired(_("Enter the code")), Length(max=40, message=_("This code is too long"))],
        description=_(
            "The six figures that your authenticator app shows now, or one of your recovery codes."
        ),
        render_kw=CODE,
    )


class NewSecondFactor(FlaskForm):
    """The first code of a telephone that is being connected."""

    code = StringField(
        _("Code"),
        [InputRequired(_("Enter the code")), Length(max=40, message=_("This code is too long"))],
        description=_("The six figures that the app shows now."),
        render_kw=CODE,
    )


class NewPassword(FlaskForm):
    """A new password, twice."""

    names: tuple[str, ...] = ()
    password = _password_field(
        _("New password"),
        _("Choose a password"),
        _("At least 12 characters. Several words in a row are easy to remember and hard to guess."),
        **NEW,
    )
    again = _password_field(
        _("The new password again"),
        _("Enter the new password a second time"),
        "",
        EqualTo("password", _("The two passwords are not the same")),
        **NEW,
    )

    @classmethod
    def for_user(cls, user_name: str) -> Self:
        """Make the form for a user, whose name the password may not contain."""
        form = cls()
        form.names = (user_name,)
        return form

    def validate_password(self, field: PasswordField) -> None:
        """Refuse what is easy to guess."""
        weak = weakness(field.data or "", *self.names)
        if weak:
            raise ValidationError(gettext(weak))


class ChangePassword(NewPassword):
    """The present password, then a new one twice."""

    present = _password_field(
        _("Present password"), _("Enter your present password"), autocomplete="current-password"
    )


def add_problem(form: Form, name: str, text: str) -> None:
    """Put a problem found after the form itself was sound at one of its fields."""
    form[name].errors = [*form[name].errors, text]
