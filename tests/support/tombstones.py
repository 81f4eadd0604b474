"""A plan brought to its end, and deleted."""
from uuid import UUID

import psycopg

from db.engine import plain
from tests.support.asking import Asking
from tests.support.changing import done

DELIVERED = """
update delivery set state = 'CANCELLED', attempt_count = 0, leased_until = null
  where plan_id = %(plan)s and kind <> 'ARCHIVED';
update delivery set state = 'CONFIRMED', confirmed_at = ordered_at
  where plan_id = %(plan)s and kind = 'ARCHIVED'"""


async def ready(asking: Asking) -> UUID:
    """The cast's plan, closed; its deletion asked for, and all delivered."""
    plan = asking.town.plan
    await done(asking, "stafettholder", "closePlan", planId=f"Plan:{plan}", reason="OTHER")
    await done(asking, "guardian2", "requestDeletion", planId=f"Plan:{plan}", reason="Nok nå.")
    with psycopg.connect(plain(asking.url)) as connection:
        for statement in DELIVERED.split(";"):
            connection.execute(statement.encode(), {"plan": plan})
    return plan


async def delete(asking: Asking) -> None:
    await done(asking, "admin", "deletePlan", planId=f"Plan:{asking.town.plan}")
