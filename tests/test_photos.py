"""Photos of a request from one zip: bounded, each file told, attached once by one act."""

import io
import struct
import zipfile
from random import Random

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from forms import photozip
from tests.driving import opened, record
from tests.signing_in import sign_in_as
from tests.walking import read, words
from workflow import photos, uploads
from workflow.demonstration import Season
from workflow.domain.flow import Refused
from workflow.domain.policies import photo_of
from workflow.store.files import open_file
from workflow.store.projections import Case
from workflow.verification import verify


def picture(side: int = 40, shade: int = 90, kind: str = "JPEG", turned: bool = False) -> bytes:
    """A picture twice as wide as high, if wished one that says it lies on its side, with a place in it."""
    made = io.BytesIO()
    image = Image.new("RGB", (2 * side, side), (shade, 90, 90))
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
        exif[0x010F] = "a telephone"
    image.save(made, kind, **({"exif": exif} if turned else {}))
    return made.getvalue()


def packed(**files: bytes) -> bytes:
    """Pack files; a name's double low lines stand for a point."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name.replace("__", "."), body)
    return made.getvalue()


# the zip itself -------------------------------------------------------------------------------


def refused(content: bytes) -> list[str]:
    with pytest.raises(Refused) as found:
        list(photozip.unpacked(content))
    return [refusal.code for refusal in found.value.refusals]


def test_what_is_no_zip_too_full_or_a_trap_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(b"no zip at all") == ["not-a-zip"]
    assert refused(packed(a__jpg=b"x")[:-10]) == ["not-a-zip"]
    assert refused(packed(bomb__jpg=bytes(3_000_000))) == ["zip-trap"]
    monkeypatch.setattr(photozip, "MOST", 1)
    assert refused(packed(a__jpg=b"x", b__jpg=b"y")) == ["too-many-files"]


def test_a_file_that_lies_about_its_size_or_is_locked_or_broken_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photozip, "LARGEST", 1000)
    body = Random(64).randbytes(70_003)  # a length whose four bytes stand nowhere else in the zip, at any hour
    whole = packed(a__jpg=body, b__jpg=b"fine")
    lying = whole.replace(struct.pack("<L", len(body)), struct.pack("<L", 900))
    found = {one.name: one.fault and one.fault.code for one in photozip.unpacked(lying)}
    assert found["b.jpg"] is None
    assert found["a.jpg"] in ("broken", "too-large")
    assert {one.name: one.fault and one.fault.code for one in photozip.unpacked(whole)}[
        "a.jpg"
    ] == "too-large"
    locked = bytearray(packed(a__jpg=b"fine"))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert [one.fault.code for one in photozip.unpacked(bytes(locked))] == ["locked"]


def test_folders_and_what_machines_add_are_passed_over() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in (
            "photos/",
            "photos/PL1.jpg",
            "__MACOSX/photos/._PL1.jpg",
            "photos/.DS_Store",
            "..\\..\\PL2.jpg",
        ):
            archive.writestr(name, b"x")
    assert [one.name for one in photozip.unpacked(made.getvalue())] == ["PL1.jpg", "PL2.jpg"]


# to the workers -------------------------------------------------------------------------------


@pytest.fixture
def two(season: Season) -> tuple[Case, str, str]:
    """A request with two workers, passes PL160001 and PL160002."""
    one, other = opened(season, 2)
    return season.desk.session.scalars(select(Case).filter_by(flow="request")).one(), one, other


def test_each_file_goes_to_the_worker_of_its_pass_or_is_told(
    season: Season, two: tuple[Case, str, str]
) -> None:
    request, one, other = two
    desk, officer = season.desk, season.cast["officer"]
    content = packed(
        PL160001__jpg=picture(900, turned=True),
        PL160777__jpg=picture(),
        PL160002__png=picture(kind="PNG", shade=1),
        **{
            "pl-160002 (2)__jpg": picture(shade=2),
            "note__txt": b"hello",
            "PL160009__jpg": b"\xff\xd8\xff no picture",
        },
    )
    photos.look_through(desk, officer, request, content)
    kept = photos.waiting(desk, officer, request)
    faults = {found.file: found.fault and found.fault.code for found in kept.found}
    assert faults == {
        "PL160001.jpg": None, "PL160777.jpg": "unknown-pass", "PL160002.png": "two-photos",
        "pl-160002 (2).jpg": "two-photos", "note.txt": "not-a-picture", "PL160009.jpg": "not-a-picture",
    }  # fmt: skip
    assert photos.waiting(desk, season.cast["clerk"], request) is None, "a zip is its sender's"
    assert record(season, one).last("attach_file") is None

    results = list(photos.attach(desk, officer, request, [one, other]))
    assert [(result.subject, result.done) for result in results] == [(one, True)]
    again = list(photos.attach(desk, officer, request, [one, other]))
    assert [result.performed.repeated for result in again] == [True]
    photo = photo_of(record(season, one))
    with Image.open(io.BytesIO(open_file(desk.session, photo))) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (400, 800), {})
    assert verify(desk).sound

    photos.forget(desk, officer, request)
    photos.look_through(desk, officer, request, content)
    assert [found.same for found in photos.waiting(desk, officer, request).found if found.subject == one] == [
        True
    ]


def test_only_the_employer_of_the_request_or_the_office_adds_photos(
    client: FlaskClient, season: Season, two: tuple[Case, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request, one, _ = two
    client.get("/sign-in?lang=en")
    sign_in_as(client, "owner2")
    path = f"/requests/{request.reference}/photos"
    assert client.get(path).status_code == 404
    other = client.application.test_client()
    other.get("/sign-in?lang=en")
    sign_in_as(other, "owner")

    def hand_in(content: bytes) -> object:
        typed = read(other.get(path)).fields.to_dict() | {"zip": (io.BytesIO(content), "photos.zip")}
        return other.post(path, data=typed)

    assert "not a zip that can be read" in words(hand_in(b"nothing of the kind"))
    client.application.config["MAX_CONTENT_LENGTH"] = 2000
    large = packed(PL160001__jpg=picture() + Random(1).randbytes(4000))
    assert len(large) > 2000
    assert hand_in(large).status_code == 303
    page = other.get(path)
    assert "Recognised: 1" in words(page)
    typed = read(page).fields
    result = other.post(f"{path}/attach", data=typed)
    assert "Photos attached: 1 of 1" in words(result)
    assert photo_of(record(season, one))
    assert other.post(f"{path}/attach", data=typed).status_code == 303


def test_a_picture_is_kept_no_larger_than_asked() -> None:
    body, kind = uploads.checked(picture(1500), photo=True, longest=800)
    with Image.open(io.BytesIO(body)) as image:
        assert (kind, image.size) == ("image/jpeg", (800, 400))
