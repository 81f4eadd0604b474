"""Fills one municipality: 10,000 plans round 60,000 persons, with the ledger that the rule makes of them."""
import random
from datetime import datetime

import psycopg

from db.seal import Seal
from db.settings import Settings
from tests.bench.fill.consent import CONSENT_AGE
from tests.bench.fill.people import PLANS, Populating
from tests.bench.fill.plan import Filling
from tests.bench.fill.rows import Rows

BATCH = 500  # plans


def fill(url: str, settings: Settings, now: datetime) -> None:
    """Into empty, migrated tables, past triggers and foreign keys: the rows are right as they are made."""
    seal = Seal.from_text(settings.seal_keys.get_secret_value(), settings.lookup_key.get_secret_value())
    rnd, rows = random.Random(1), Rows()
    rows.add("municipality", number="3201", organisation_number="999999991", name="Nordmo", language="nb",
             consent_age=CONSENT_AGE, guardians_sign_too=True, consent_days=365, threshold=5)
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        people = Populating(rows, rnd, seal, now).people()
        for n in range(PLANS):
            Filling(rows, rnd, people, now).plan(n)
            if n % BATCH == BATCH - 1:
                rows.copy(connection)
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")
