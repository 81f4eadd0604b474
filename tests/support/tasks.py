"""A town in which the clinic notes by hand what its fagsystem would be told, and its people."""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from db.rules.words import Post as Posts
from db.write import person
from db.write.delivery import Key
from db.write.find import NOBODY, Who, transaction
from integrations.fagsystem.manual.target import ManualFagsystem
from integrations.target import Target
from tests.support.asking import Asking
from tests.support.changing import done, refused, rows
from tests.support.posting import Post

CLINIC = "Nordmo helsestasjon"
TASKS = """query($first: Int, $after: String) { fagsystemTasks(first: $first, after: $after) { totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { deliveryId kind unitId unitName system orderedAt dueOn overdue name identityNumber
    protected planRef since closedOn contact { name role unit phone } } } } }"""
BY_HAND = ManualFagsystem("fagsystem", "HsPro", 7)


GIVEN = """with open as (update delivery set state = 'ACCEPTED', attempt_count = 1 where id in (
    select id from delivery where unit_id = %s and state not in ('CONFIRMED', 'CANCELLED')
    order by id limit 1) returning *)
insert into task (municipality_id, plan_id, delivery_id, unit_id, due_on)
  select municipality_id, plan_id, id, unit_id, date '2026-12-01' from open returning delivery_id"""


def task_for(asking: Asking, unit: str) -> str:
    """The first that the unit has not been told, as a task."""
    return f"Delivery:{rows(asking, GIVEN, asking.town.units[unit])[0][0]}"


class Desk:
    """Its worker, and what its people are shown; `head` leads the clinic."""

    def __init__(self, town: Asking, head: str = "stranger") -> None:
        self.town, self.post, self.head = town, Post(town), head
        self.take({"fagsystem": BY_HAND})
        self.clinic = town.town.units[CLINIC]
        rows(town, "update unit set fagsystem = null where name <> %s returning id", CLINIC)
        rows(town, "delete from delivery where unit_id is distinct from %s returning id", self.clinic)

    def take(self, targets: Mapping[str, Target]) -> None:
        """Beside those that there are."""
        self.post.worker = replace(self.post.worker, targets={**self.post.worker.targets, **targets})
        self.town.hub = replace(self.town.hub, targets=self.post.worker.targets)

    async def opened(self) -> "Desk":
        async with transaction(self.town.writer, self.town.now) as session:
            head = self.town.town.persons[self.head]
            person.assign(session, Who(1, NOBODY, self.town.now), head, Posts.UNIT_ADMINISTRATOR, self.clinic)
        await self.go()
        return self

    async def go(self) -> None:
        """Whatever has been ordered wakes a worker, be it that the one before it still waits."""
        for (key,) in rows(self.town, "select distinct plan_id from delivery where unit_id is not null"):
            await self.post.worker.work(Key(1, key, "fagsystem"))
        await self.post.go()

    async def shown(self, part: str) -> list[dict[str, Any]]:
        told = (await self.town.told(part, TASKS))["fagsystemTasks"]
        assert told["totalCount"] == len(told["edges"])
        return [edge["node"] for edge in told["edges"]]

    def person(self, part: str) -> str:
        return f"Person:{self.town.town.persons[part]}"

    async def kinds(self, part: str) -> list[str]:
        return [task["kind"] for task in await self.shown(part)]

    async def confirm(self, part: str, reference: str | None = None) -> dict[str, Any]:
        """The first that is there; and what it held back goes on."""
        (task, *_) = await self.shown(part)
        answered = await done(self.town, part, "confirmDelivery", deliveryId=task["deliveryId"],
                              reference=reference)
        await self.go()
        return answered

    async def act(self, part: str, change: str, **given: Any) -> dict[str, Any]:
        made = await done(self.town, part, change, **given)
        await self.go()
        return made

    async def refused(self, part: str, change: str, key: str, **given: Any) -> list[tuple[str, str]]:
        return await refused(self.town, part, change, deliveryId=key, **given)

    async def said(self) -> list[tuple[str, str]]:
        """What was ordered for the clinic, and how it stands."""
        return [(one["kind"], one["state"]) for one in await self.post.said()]
