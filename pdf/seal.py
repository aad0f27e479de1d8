"""What an office signs its papers with."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Seal:
    """A private number, the certificate of the office and that of the authority, both in DER."""

    number: bytes = field(repr=False)
    certificate: bytes
    authority: bytes
