"""The life of a paper: owed by a step, made once, printed as an original, copied, spoiled, voided."""

from dataclasses import dataclass
from typing import Any

from workflow.domain import policies as only
from workflow.domain.actor import Role
from workflow.domain.everywhere import Reason
from workflow.domain.evidence import Ask, Evidence, asked
from workflow.domain.flow import START, Flow, Step
from workflow.domain.record import Flag, State
from workflow.domain.words import N_


class Paper(State):
    """Where a paper stands."""

    OWED = "owed", N_("Owed, being made")
    MADE = "made", N_("Made")
    VOID = "void", N_("Void"), True


class PaperFlag(Flag):
    """What was done with a paper."""

    ORIGINAL_OUT = "original_out", N_("Original handed out")


@dataclass(frozen=True, kw_only=True)
class Frozen(Evidence):
    """A paper with its number, its random code and the record that it will print for ever."""

    key: str = asked(N_("Paper"), Ask.GIVEN)
    number: str = asked(N_("Number"), Ask.GIVEN)
    code: str = asked(N_("Code"), Ask.GIVEN)
    owner: str = asked(N_("Case"), Ask.GIVEN)
    event: int = asked(N_("Entry"), Ask.GIVEN)
    version: int = asked(N_("Version"), Ask.GIVEN, default=1)
    replaces: str | None = asked(N_("Replaces"), Ask.GIVEN, default=None)
    facts: dict[str, Any] = asked(N_("Facts"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class Made(Evidence):
    """The bytes of a paper, kept under their digest."""

    sha256: str = asked(N_("Digest"), Ask.GIVEN)
    size: int = asked(N_("Size"), Ask.GIVEN)


@dataclass(frozen=True, kw_only=True)
class Print(Evidence):
    """One sheet handed out: the original once, afterwards numbered copies."""

    copy: int = asked(N_("Copy number"), Ask.GIVEN, default=0)
    reason: str = asked(N_("Reason"), default="")
    sheet: str = asked(N_("Sheet number"), default="")


P, F = Paper, PaperFlag
ANYBODY = tuple(role for role in Role)

# fmt: off
STEPS = (
    Step("owe_paper",      N_("Paper owed"),      (START,),           P.OWED, (Role.SYSTEM,), Frozen),
    Step("make_paper",     N_("Paper made"),      (P.OWED,),          P.MADE, (Role.SYSTEM,), Made),
    Step("make_paper",     N_("Paper made"),      (P.VOID,),          None,   (Role.SYSTEM,), Made),
    Step("print_original", N_("Print the original"), (P.MADE,),       None,   ANYBODY, Print, bars=(F.ORIGINAL_OUT,), raises=(F.ORIGINAL_OUT,)),
    Step("print_copy",     N_("Print a copy"),    (P.MADE, P.VOID),   None,   ANYBODY, Print, only_if=(only.copy_is_the_next,)),
    Step("print_audit_copy", N_("Print an audit copy"), (P.MADE, P.VOID), None, (Role.AUDITOR,), Print),
    Step("spoil_sheet",    N_("Spoiled sheet"),   (P.MADE,),          None,   (Role.OFFICER, Role.CASHIER, Role.REGISTRAR), Print, needs=(F.ORIGINAL_OUT,), lifts=(F.ORIGINAL_OUT,)),
    Step("void_paper",     N_("Void the paper"),  (P.OWED, P.MADE),   P.VOID, (Role.SYSTEM, Role.OFFICER), Reason),
)
# fmt: on

FLOW = Flow("paper", N_("Paper"), Paper, STEPS, PaperFlag)
