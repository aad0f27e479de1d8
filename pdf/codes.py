"""QR codes: the dark squares of an address, drawn as one path."""

import re
from functools import lru_cache

import zxingcpp

KEPT = 256

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" class="qr"{1}><title>QR</title>{2}</svg>'
"""A code as it stands in a page: its side, what marks it, its path."""


_DARK = re.compile(b"\x00+")


def bars(address: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """Give the side of the code for an address, in squares, and its dark bars: from x, y to x."""
    drawn = memoryview(
        zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(
            scale=1, add_quiet_zones=False
        )
    )
    side, squares = drawn.shape[0], bytes(drawn)
    return side, tuple(
        (dark.start(), row, dark.end())
        for row in range(side)
        for dark in _DARK.finditer(squares[row * side : (row + 1) * side])
    )


@lru_cache(KEPT)
def svg(address: str) -> str:
    """Draw an address as one path of SVG."""
    side, found = bars(address)
    path = "".join(f"M{x} {y}h{end - x}v1h{x - end}z" for x, y, end in found)
    return SVG.format(side, "", f'<path d="{path}"/>')


@lru_cache(KEPT)
def pdf_path(address: str) -> tuple[int, bytes]:
    """Give the side of the code and its bars as a path of PDF."""
    side, found = bars(address)
    return side, b"".join(
        b"%d %d %d 1 re\n" % (x, y, end - x) for x, y, end in found
    )
