"""QR codes: the dark squares of an address, drawn as one path."""

from functools import lru_cache

import zxingcpp

KEPT = 256


@lru_cache(KEPT)
def bars(address: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """Give the side of the code for an address, in squares, and its dark bars: from x, y to x."""
    drawn = memoryview(
        zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(
            scale=1, add_quiet_zones=False
        )
    )
    side, squares = drawn.shape[0], bytes(drawn)
    return side, tuple(
        (start, row, end)
        for row in range(side)
        for start, end in _dark(squares[row * side : (row + 1) * side])
    )


def _dark(row: bytes) -> list[tuple[int, int]]:
    """List the stretches of dark squares in a row."""
    found, at = [], 0
    while (start := row.find(b"\x00", at)) >= 0:
        light = row.find(b"\xff", start)
        at = len(row) if light < 0 else light
        found.append((start, at))
    return found


def svg_path(address: str) -> tuple[int, str]:
    """Give the side of the code and its bars as a path of SVG."""
    side, found = bars(address)
    return side, "".join(f"M{x} {y}h{end - x}v1h{x - end}z" for x, y, end in found)


@lru_cache(KEPT)
def pdf_path(address: str) -> tuple[int, bytes]:
    """Give the side of the code and its bars as a path of PDF."""
    side, found = bars(address)
    return side, b"".join(
        b"%d %d m %d %d l %d %d l %d %d l h\n" % (x, y, end, y, end, y + 1, x, y + 1) for x, y, end in found
    )
