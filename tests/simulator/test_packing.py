from __future__ import annotations

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.simulator.packing import Packing


@given(st.binary(max_size=5_000), st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_what_was_packed_comes_out(beginning: bytes, ends: list[bytes]) -> None:
    """One beginning with any end is one gzip member, with its checksum and length."""
    packing = Packing()
    for end in ends:
        packed = packing.gzip(lambda: beginning, end)
        assert gzip.decompress(packed) == beginning + end
        reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert reader.decompress(packed) == beginning + end
        assert (reader.eof, reader.unused_data) == (True, b"")


def test_the_beginning_is_compressed_once() -> None:
    """It is asked for the first time only."""
    asked = []

    def beginning() -> bytes:
        asked.append(1)
        return b"a" * 1_000

    packing = Packing()
    assert gzip.decompress(packing.gzip(beginning, b"b")) == b"a" * 1_000 + b"b"
    assert gzip.decompress(packing.gzip(beginning, b"c")) == b"a" * 1_000 + b"c"
    assert asked == [1]
