"""What the archive is given of a plan is all of it, however much has been written."""
import psycopg

from db.engine import plain
from db.read.archive import archived
from db.rules.rights import ARCHIVE
from tests.support.asking import Asking

MANY = 150
MORE = """insert into comment (municipality_id, plan_id, activity_id, author_id, body, created_at)
  select municipality_id, plan_id, activity_id, author_id, body || n, created_at
  from comment, generate_series(1, %s) n
  where activity_id = (select activity_id from comment order by id limit 1)"""


async def test_no_list_is_cut_off_in_silence(own_town: Asking) -> None:
    with psycopg.connect(plain(own_town.url)) as connection:
        assert connection.execute(MORE, [MANY]).rowcount == MANY
    town = own_town.town
    given = await archived(own_town.reader, town.municipality, own_town.now, town.plan, int(ARCHIVE))
    told = await own_town.told("guardian1", """query($id: ID!) {
        plan(id: $id) { goals { activities { comments { body } } } } }""", id=f"Plan:{town.plan}")
    for plan in (given, told["plan"]):
        counts = [len(activity["comments"]) for goal in plan["goals"] for activity in goal["activities"]]
        assert sorted(counts) == [1, MANY + 1]
