"""What people type to sign in."""

from typing import Self

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Form, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from workflow.store.passwords import weakness

NAME = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
CODE = {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
NEW = {"autocomplete": "new-password"}


def _name_field() -> StringField:
    needed = [
        InputRequired(_l("Enter your user name")),
        Length(max=100, message=_l("This user name is too long")),
    ]
    return StringField(_l("User name"), needed, render_kw=NAME)


def _password_field(
    label: str, message: str, hint: str = "", *more: object, **attributes: str
) -> PasswordField:
    return PasswordField(label, [InputRequired(message), *more], description=hint, render_kw=attributes)


class SignIn(FlaskForm):
    """User name and password."""

    user_name = _name_field()
    password = _password_field(_l("Password"), _l("Enter your password"), autocomplete="current-password")


class FirstSignIn(FlaskForm):
    """User name and the one-time code of the slip."""

    user_name = _name_field()
    code = StringField(
        _l("One-time code"),
        [InputRequired(_l("Enter the one-time code")), Length(max=40, message=_l("This code is too long"))],
        description=_l(
            "It is on the slip that the office gave you. Capital letters and hyphens do not matter."
        ),
        render_kw=CODE,
    )


class SecondFactor(FlaskForm):
    """A code of the telephone, or one of the sheet."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Enter the code")), Length(max=40, message=_l("This code is too long"))],
        description=_l(
            "The six figures that your authenticator app shows now, or one of your recovery codes."
        ),
        render_kw=CODE,
    )


class NewPassword(FlaskForm):
    """A new password, twice."""

    names: tuple[str, ...] = ()
    password = _password_field(
        _l("New password"),
        _l("Choose a password"),
        _l("At least 12 characters. Several words in a row are easy to remember and hard to guess."),
        **NEW,
    )
    again = _password_field(
        _l("The new password again"),
        _l("Enter the new password a second time"),
        "",
        EqualTo("password", _l("The two passwords are not the same")),
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
        _l("Present password"), _l("Enter your present password"), autocomplete="current-password"
    )


def add_problem(form: Form, name: str, text: str) -> None:
    """Put a problem found after the form itself was sound at one of its fields."""
    form[name].errors = [*form[name].errors, text]
