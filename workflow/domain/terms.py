"""Closed sets of words that people choose from, each with the label that they see."""

from enum import StrEnum


class Terms(StrEnum):
    """A closed vocabulary; the stored value never changes, the label may."""

    label: str

    def __new__(cls, value: str, label: str) -> "Terms":
        term = str.__new__(cls, value)
        term._value_ = value
        term.label = label
        return term
