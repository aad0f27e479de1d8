"""What an application costs, by its kind; a sum that no source confirms is never told as a fact."""

from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256

from workflow.domain.kinds import ApplicationKind
from workflow.domain.record import Record
from workflow.domain.rulesets import Ruleset, Value

APPLICATION, PERMIT = "application", "permit"


def kind_of(record: Record) -> ApplicationKind:
    """Give the kind of an application: what its first entry says, and new without a word or for any other record."""
    asked = record.history[0].evidence if record.history and record.flow == "application" else None
    stated = getattr(asked, "kind_of", None)
    return ApplicationKind(stated) if stated else ApplicationKind.NEW


def fee_due(ruleset: Ruleset, kind: ApplicationKind, fee: str) -> Decimal | None:
    """Give the sum of a fee (`application` or `permit`) in baht; None where none is set or none is verified."""
    found = _ruled(ruleset, kind, fee)
    return Decimal(found.value) if found is not None and found.known else None


def fee_unverified(ruleset: Ruleset, kind: ApplicationKind, fee: str) -> bool:
    """Say whether a fee is taken whose sum no source confirms: the official receipt alone tells it."""
    found = _ruled(ruleset, kind, fee)
    return found is not None and not found.known


def _ruled(ruleset: Ruleset, kind: ApplicationKind, fee: str) -> Value | None:
    """A fee of the kind itself comes before that of all applications."""
    return ruleset.values.get(f"fees.{kind.value}.{fee}") or ruleset.values.get(f"fees.{fee}")


def payment_sign(form: str, step: str, lines: Iterable[str]) -> str:
    """Name one payment by the sign of its form and by all that it pays: another choice of lines is another payment."""
    return sha256("\n".join((form, step, *sorted(lines))).encode()).hexdigest()[:40]
