"""The signed token of a paper: what it says comes back, whatever is changed in it is found."""

from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from pdf.codes import bars
from workflow import tokens, vouching
from workflow.tokens import Altered, OtherKey, Token

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
TRUSTED = {tokens.key_sign(KEY.public_key()): KEY.public_key()}
TOKEN = Token(
    number="PNR-PR 12/2569", kind="PR", employers=("บริษัท สวนลำไย จำกัด", "นางมาลี สวนทดลอง"), place="2204",
    job="เก็บลำไย", valid_from=date(2026, 12, 1), valid_until=date(2027, 2, 26), name="S D", specimen=True,
)  # fmt: skip
WRITTEN = tokens.write(TOKEN, KEY)


@pytest.mark.parametrize("name", ["S D", "សុ ដា", "น ส", "É"])
def test_what_is_written_is_read_back(name: str) -> None:
    token = replace(TOKEN, name=name)
    assert tokens.read(tokens.write(token, KEY), TRUSTED) == token


def test_the_same_token_is_always_the_same_text() -> None:
    assert tokens.write(TOKEN, KEY) == WRITTEN


@pytest.mark.parametrize("around", ["https://a.example/v/ABC#{}", " {}\n", "http://127.0.0.1:8000/v/x#{}"])
def test_it_is_found_in_what_a_scanner_reads(around: str) -> None:
    assert tokens.read(around.format(WRITTEN), TRUSTED) == TOKEN
    assert tokens.read(around.format(WRITTEN.lower()), TRUSTED) == TOKEN


@given(st.integers(0, len(WRITTEN) - 1), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_any_changed_letter_is_found(at: int, letter: str) -> None:
    changed = WRITTEN[:at] + letter + WRITTEN[at + 1 :]
    if changed == WRITTEN:
        assert tokens.read(changed, TRUSTED) == TOKEN
    else:
        with pytest.raises(Altered):
            tokens.read(changed, TRUSTED)


@pytest.mark.parametrize("broken", ["", "A" * 100, WRITTEN[:-1], WRITTEN[:-8], WRITTEN + "A", WRITTEN * 9, "ก" * 200])
def test_what_is_no_token_is_said_so(broken: str) -> None:
    with pytest.raises(Altered):
        tokens.read(broken, TRUSTED)


def test_a_token_of_another_key_is_told_apart() -> None:
    with pytest.raises(OtherKey):
        tokens.read(tokens.write(TOKEN, OTHER), TRUSTED)


def test_long_words_are_cut_and_stay_apart() -> None:
    long = replace(TOKEN, employers=("ก" * 90,) * 5, job="ข\x1fค\x1e" + "ง" * 90)
    read = tokens.read(tokens.write(long, KEY), TRUSTED)
    assert read.employers == ("ก" * 36,) * 3
    assert read.job == ("ขค" + "ง" * 90)[:36]
    address = f"https://saphan.example/v/{'K' * 26}#{tokens.write(long, KEY)}"
    assert 24 / bars(address)[0] > 0.33, "a dot of the largest code is as large as one of the small code"


def test_pinned_keys_are_read_back() -> None:
    both = TRUSTED | {tokens.key_sign(OTHER.public_key()): OTHER.public_key()}
    assert vouching.read_keys(vouching.written_keys(both).encode()).keys() == both.keys()
    for broken in (b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(vouching.NoKey):
            vouching.read_keys(broken)
