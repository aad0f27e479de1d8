"""What the store keeps apart by constraints, told in words: the last word where two come together."""

from workflow.domain.flow import Refusal
from workflow.domain.words import N_

WORDS: dict[tuple[str, ...], Refusal] = {
    ("case_row.worker", "uq_case_row_live"): Refusal(
        "in-another-file", N_("This worker is already in another file.")
    ),
    ("border_pass.", "pk_border_pass"): Refusal(
        "pass-of-another",
        N_("Another person is registered with this border pass number."),
        field="pass_number",
    ),
    ("worker.foreigner_number", "uq_worker_foreigner_number"): Refusal(
        "foreigner-number-used", N_("This number belongs to another person."), field="foreigner_number"
    ),
    ("official_number.", "pk_official_number"): Refusal(
        "number-used", N_("This number was entered in another file.")
    ),
    ("account.user_name", "uq_account_user_name"): Refusal(
        "user-name-taken", N_("This user name is taken; choose another."), field="user_name"
    ),
}
"""By the columns as SQLite names them and the constraints as PostgreSQL does."""


def standing_elsewhere(fault: str) -> Refusal | None:
    """Say in words what a known constraint of the store refused; None for any other, which is a fault of ours."""
    for names, refusal in WORDS.items():
        if any(name in fault for name in names):
            return refusal
    return None
