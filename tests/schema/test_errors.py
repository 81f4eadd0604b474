"""Errors say what helps and nothing else."""
import pytest
from graphql import GraphQLError
from psycopg.errors import DeadlockDetected, QueryCanceled
from psycopg_pool import PoolTimeout
from sqlalchemy import exc

from schema import errors

SECRET = "15821210035"  # an identity number of the synthetic series


def test_an_error_is_told_with_its_place_and_code() -> None:
    more = {"code": errors.BAD_USER_INPUT, "more": 1}
    said = errors.formatted(GraphQLError("No such field.", path=["plans", 0], extensions=more), "nb")
    assert said == {"message": "No such field.", "path": ["plans", 0], "extensions": more}


def test_an_error_without_a_code_gets_one() -> None:
    assert errors.formatted(GraphQLError("x"), "nb")["extensions"] == {"code": errors.VALIDATION_FAILED}
    said = errors.formatted(GraphQLError("x"), "nb", errors.BAD_USER_INPUT)
    assert said["extensions"] == {"code": errors.BAD_USER_INPUT}


def test_a_message_that_repeats_the_question_is_cut() -> None:
    assert len(errors.formatted(GraphQLError("x" * 10_000), "nb")["message"]) == errors.LONGEST


def test_an_error_of_ours_behind_one_of_graphql_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    error = GraphQLError(SECRET, path=["plans"], original_error=ValueError(SECRET))
    said = errors.formatted(error, "en")
    assert (said["extensions"], said["path"]) == ({"code": errors.INTERNAL}, ["plans"])
    assert SECRET not in str(said) + caplog.text
    assert "builtins.ValueError" in caplog.text


@pytest.mark.parametrize("error", [
    PoolTimeout(SECRET), exc.TimeoutError(SECRET), QueryCanceled(SECRET), DeadlockDetected(SECRET)])
def test_where_the_database_has_no_time_one_is_asked_to_come_back(
        error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    raised = RuntimeError(SECRET)
    raised.__cause__ = error
    said = errors.masked(raised, "nb", ["plans"])
    assert (said["extensions"], said["path"]) == ({"code": errors.BUSY}, ["plans"])
    assert SECRET not in str(said) + caplog.text


def test_the_log_names_the_causes_too_without_their_texts(caplog: pytest.LogCaptureFixture) -> None:
    try:
        try:
            int(SECRET + "x")
        except ValueError as error:
            raise OSError(SECRET) from error
    except OSError as error:
        errors.masked(error, "nb", ["plans", 0])
    assert "builtins.OSError" in caplog.text
    assert "< builtins.ValueError" in caplog.text
    assert SECRET not in caplog.text
