"""Cursors, keys, page sizes and texts, as they are read before anything is asked."""
import base64
import contextlib
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from db.read.page import NOBODY, BadArgument, cursor_at, key_of, sendable, size, sought

KEY = UUID("01a202fb-7c65-75d5-83d1-93097893e494")


def coded(*said: Any) -> str:
    return base64.b64encode(json.dumps(said).encode()).decode()


def refused(text: str, kind: type = str) -> str:
    with pytest.raises(BadArgument) as error:
        cursor_at(text, "name", kind)
    return error.value.code


@pytest.mark.parametrize("kind, said, key", (
    (str, "Åse", "Åse"), (str, "", ""), (str, None, None), (int, "-3", -3), (UUID, str(KEY), KEY),
    (date, "2026-11-22", date(2026, 11, 22)),
    (datetime, "2026-11-22 10:00:00.5+00", datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC))))
def test_a_cursor_gives_back_its_key_and_its_id(kind: type, said: str | None, key: Any) -> None:
    assert cursor_at(coded("name", said, str(KEY)), "name", kind) == (key, KEY)


@pytest.mark.parametrize("kind", (str, int, UUID, date, datetime))
@given(text=st.one_of(
    st.text(), st.binary().map(lambda b: base64.b64encode(b).decode()),
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                 st.lists, max_leaves=4).map(lambda said: coded("name", said, str(KEY))),
    st.lists(st.text() | st.integers(), max_size=4).map(lambda said: coded(*said))))
def test_any_other_text_is_refused_by_one_code(kind: type, text: str) -> None:
    with contextlib.suppress(BadArgument):  # whatever else is raised fails the test
        key, row_id = cursor_at(text, "name", kind)
        assert (isinstance(key, kind) or key is None) and row_id == KEY


def test_a_cursor_of_another_order_is_refused() -> None:
    assert refused(coded("other", "x", str(KEY))) == "BAD_CURSOR"


@pytest.mark.parametrize("key", ("NUL\0", "\ud800"))
def test_a_cursor_with_what_the_database_can_not_read_is_refused(key: str) -> None:
    assert refused(coded("name", key, str(KEY))) == "BAD_CURSOR"


def test_a_number_that_no_column_holds_is_refused() -> None:
    assert cursor_at(coded("name", "9" * 18, str(KEY)), "name", int)[0] < 2**63
    assert refused(coded("name", "9" * 19, str(KEY)), int) == "BAD_CURSOR"


@pytest.mark.parametrize("text, key", (
    (f"Goal:{KEY}", KEY), (f"Plan:{KEY}", NOBODY), (f"goal:{KEY}", NOBODY), (f"Goal:{KEY}x", NOBODY),
    ("Goal:", NOBODY), ("Goal", NOBODY), ("", NOBODY), (str(KEY), NOBODY),
    (f"Goal:Goal:{KEY}", NOBODY), ("Goal:\0", NOBODY)))
def test_an_id_leads_to_the_row_of_its_own_noun_alone(text: str, key: UUID) -> None:
    assert key_of(text, "Goal") == key


@pytest.mark.parametrize("first, last, rows", (
    (None, None, 50), (0, None, 0), (100, None, 100), (None, 0, 0), (None, 100, 100), (1, None, 1)))
def test_a_page_has_so_many_rows(first: int | None, last: int | None, rows: int) -> None:
    assert size(first, last) == rows


@pytest.mark.parametrize("first, last", ((-1, None), (101, None), (None, -1), (None, 101), (1, 1), (0, 0)))
def test_a_page_of_no_size_or_from_both_ends_is_refused(first: int | None, last: int | None) -> None:
    with pytest.raises(BadArgument, match="BAD_PAGE_SIZE"):
        size(first, last)


def test_a_name_is_sought_in_small_letters_and_two_at_least() -> None:
    assert sought("  ÅSE ") == "åse"
    assert sought("Bø") == "bø"
    for short in ("", "a", "  a  "):
        with pytest.raises(BadArgument, match="SEARCH_TOO_SHORT"):
            sought(short)


def test_a_text_with_nul_is_never_sent() -> None:
    assert (sendable("a"), sendable(None), sendable(7)) == ("a", None, 7)
    with pytest.raises(BadArgument, match="BAD_CHARACTER"):
        sendable("a\0b")
