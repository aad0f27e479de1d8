"""A Thai address in its parts, or whole where the parts are not certain."""

import pytest

from workflow.domain.addresses import address_parts

WHOLE = {"number": "99/5", "moo": "3", "tambon": "เทพนิมิต", "amphoe": "โป่งน้ำร้อน", "province": "จันทบุรี"}


@pytest.mark.parametrize(
    "text",
    [
        "99/5 หมู่ 3 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี 22140",
        "เลขที่ 99/5  หมู่ที่ 3\nต.เทพนิมิต อ.โป่งน้ำร้อน จ.จันทบุรี",
        "บ้านเลขที่ 99/5 ม.3 ต. เทพนิมิต อ. โป่งน้ำร้อน จ. จันทบุรี 22140",
    ],
)
def test_an_address_is_divided_whatever_its_words_are_written_as(text):
    assert address_parts(text) == WHOLE


def test_lane_and_road_are_parts_too():
    parts = address_parts("12 ซอยสวนลำไย 5 ถนนเลียบเนิน ตำบลวัดใหม่ อำเภอเมืองจันทบุรี จังหวัดจันทบุรี 22000")
    assert parts == {
        "number": "12", "soi": "สวนลำไย 5", "road": "เลียบเนิน", "tambon": "วัดใหม่", "amphoe": "เมืองจันทบุรี", "province": "จันทบุรี",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "สวนลำไยบ้านเนินเขาแก้ว",
        "99/5 หมู่ 3 อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี",
        "99/5 หมู่ 3 หมู่ 4 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี",
        "ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี",
        "สวนลำไยแปลงรวมเกษตรกรรุ่นใหม่ 12/47 หมู่ 3 ตำบลเทพนิมิต อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี",
        "99/5 ตำบล อำเภอโป่งน้ำร้อน จังหวัดจันทบุรี",
    ],
)
def test_an_address_that_is_not_certain_stays_whole(text):
    assert address_parts(text) is None
