"""What one client may ask that is new: enough for any application, too little to keep a core busy."""
import pytest
from graphql import GraphQLError

from schema.budget import CLIENTS, Budget


def test_a_client_that_asks_for_too_much_waits_and_no_other_does() -> None:
    now = [0.0]
    budget = Budget(lambda: now[0], per_minute=60)
    budget.spend("one", 50)
    with pytest.raises(GraphQLError):
        budget.spend("one", 20)
    budget.spend("other", 60)
    now[0] = 9.9
    with pytest.raises(GraphQLError):
        budget.spend("one", 20)
    now[0] = 10.1
    budget.spend("one", 20)


def test_a_question_larger_than_the_bucket_is_answered_when_it_is_full() -> None:
    now = [0.0]
    budget = Budget(lambda: now[0], per_minute=60)
    budget.spend("one", 90)
    with pytest.raises(GraphQLError):
        budget.spend("one", 1)
    now[0] = 31.0
    budget.spend("one", 1)


def test_only_so_many_clients_are_remembered() -> None:
    budget = Budget(lambda: 0.0)
    for client in range(CLIENTS + 5):
        budget.spend(client, 1)
    assert len(budget.left) == CLIENTS
