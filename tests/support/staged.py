"""The busy town with forms, participants and deliveries in every state that a change can be refused for."""
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from db.rules.words import Post
from db.seal import synthetic
from db.seeds.parts import Town
from db.write import person
from db.write.find import transaction
from tests.support.asking import Asking, opened_town
from tests.support.busy import busy_database, who
from tests.support.changing import done, fingerprint, rows
from tests.support.embedded import Server, name_of

CHILD, ADULT, MOTHER = (synthetic(date(year, 2, 3), 7) for year in (2019, 1999, 1990))  # known to nobody


class Staged:
    """Ids by what they stand for."""

    def __init__(self, asking: Asking) -> None:
        self.asking, self.ids, self.before = asking, dict[str, str](), dict[str, Any]()

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    def filled(self, given: Any) -> Any:
        """The arguments with the id in the place of each "@what"."""
        if isinstance(given, dict):
            return {name: self.filled(value) for name, value in given.items()}
        if isinstance(given, list):
            return [self.filled(value) for value in given]
        return self.named(given[1:]) if isinstance(given, str) and given.startswith("@") else given

    def named(self, what: str) -> str:
        kind, _, name = what.partition(" ")
        match kind:
            case "person":
                return self.person(name)
            case "unit":
                return self.unit(name)
            case "participant":
                part, role = name.split()
                return self.participant(part, role, self["plan"])
            case _:
                return self[what]

    def is_as_before(self) -> bool:
        """Whether nothing was written since this was last asked, but for the log of look-ups."""
        was, self.before = self.before, fingerprint(self.asking, "search_log")
        return was == self.before

    def unit(self, name: str) -> str:
        return f"Unit:{self.asking.town.units[name]}"

    def person(self, part: str) -> str:
        return f"Person:{self.asking.town.persons[part]}"

    def plan(self, short_name: str, n: int = 0) -> str:
        found = rows(self.asking, "select id from plan where short_name = %s order by id", short_name)
        return f"Plan:{found[n][0]}"

    def participant(self, part: str, role: str, plan: str) -> str:
        query = "select id from participant where person_id = %s and role = %s and plan_id = %s"
        found = rows(self.asking, query, self.asking.town.persons[part], role, plan.removeprefix("Plan:"))
        return f"Participant:{found[0][0]}"

    def new_plan(self, **other: Any) -> dict[str, Any]:
        """The input of a plan that nothing speaks against, but for what is put otherwise."""
        guardian = {"identityNumber": MOTHER, "name": "Eli Myr", "mobile": "+4740000099"}
        return {"unitId": self.unit("Nordmo skole"), "owner": {"identityNumber": CHILD, "name": "Mia Myr"},
                "guardians": [guardian], **other}

    def consent(self, plan: str, **other: Any) -> dict[str, Any]:
        return {"planId": plan, "templateId": self["template"], **other}


@asynccontextmanager
async def staged_town(postgres: Server, template: tuple[str, Town]) -> AsyncIterator[Staged]:
    async def built(url: str) -> dict[str, str]:
        async with opened_town(url, template[1]) as asking:
            return (await staged(asking)).ids
    made, ids = await postgres.once("staged", built, await busy_database(postgres, template))
    url = postgres.fresh(name_of(made))
    async with opened_town(url, template[1]) as asking:
        known = Staged(asking)
        known.ids = ids
        known.is_as_before()
        yield known
    postgres.drop(url)


async def staged(asking: Asking) -> Staged:
    made = Staged(asking)
    made.ids |= {
        "plan": f"Plan:{asking.town.plan}", "consent": f"Consent:{asking.town.consent}",
        "draft plan": made.plan("B_"), "closed plan": made.plan("IO", 1), "free plan": made.plan("ZŁ"),
        "template": stored(asking, "ConsentTemplate", "select id from consent_template"),
        "superseded": stored(asking, "Consent", "select id from consent where superseded_at is not null"),
        # neither an employee nor in the plan
        "neighbour": stored(asking, "Person", "select id from person where name = 'Ukjent Nabo'"),
        "young owner": stored(asking, "Person", "select id from person where name = 'Bo Under_strek'")}
    made.ids["guardian elsewhere"] = made.participant("guardian1", "GUARDIAN", made["draft plan"])
    for name, state, kind in (("dead", "DEAD", "OPENED"), ("confirmed", "CONFIRMED", "ARCHIVED"),
                              ("end", "ORDERED", "WITHDRAWN")):
        query = "select id from delivery where state = %s and kind = %s order by id"
        made.ids[f"{name} delivery"] = stored(asking, "Delivery", query, state, kind)
    rows(asking, """insert into target (municipality_id, name, paused_at) values (1, 'fagsystem', null),
        (1, 'archive', now()) returning id""")
    made.ids |= {name: stored(asking, "Target", "select id from target where name = %s", of)
                 for name, of in (("target", "fagsystem"), ("paused target", "archive"))}
    await work(made)
    await offers(made)
    await wishes(made)
    await forms(made)
    for part, role, plan in (("guardian1", "GUARDIAN", "free plan"), ("former", "PROVIDER", "plan")):
        ended = made.participant(part, role, made[plan])
        await done(asking, "stafettholder", "endParticipant", participantId=ended)
    async with transaction(asking.writer, asking.now) as session:
        person.assign(session, who(asking, "admin"), asking.town.persons["former"], Post.PLAN_CREATOR)
    return made


def stored(asking: Asking, noun: str, query: str, *values: str) -> str:
    """The id of the first row that is found past the gate."""
    return f"{noun}:{rows(asking, query, *values)[0][0]}"


async def work(made: Staged) -> None:
    question = "query($id: ID!) { plan(id: $id) { goals { id activities { id } } } }"
    told = await made.asking.told("guardian1", question, id=made["plan"], log=False)
    first, second = told["plan"]["goals"][:2]
    made.ids |= {"goal": first["id"], "holder's activity": first["activities"][0]["id"],
                 "nurse's activity": second["activities"][0]["id"]}


async def offers(made: Staged) -> None:
    """The baton was offered to the nurse, who declined, and is offered her again."""
    for name in ("declined offer", "offer"):
        made.ids[name] = (await done(
            made.asking, "stafettholder", "proposeStafettholder", planId=made["plan"],
            personId=made.person("nurse"), reason="Permisjon"))["handover"]["id"]
        if name == "declined offer":
            await done(made.asking, "nurse", "declineStafettholder", handoverId=made[name])


async def wishes(made: Staged) -> None:
    """One guardian's wish that the plan be deleted was refused, and is there again."""
    for name in ("refused request", "request"):
        made.ids[name] = (await done(made.asking, "guardian1", "requestDeletion", planId=made["plan"],
                                     reason="Vi vil slutte"))["request"]["id"]
        if name == "refused request":
            await done(made.asking, "admin", "refuseDeletion", requestId=made[name], reason="Snakk med oss")


async def forms(made: Staged) -> None:
    """A form that is a draft, one that waits for one, one that one of two has signed,
    one of a closed plan, and one that there will be nobody to sign."""
    async def drafted(name: str, plan: str, **other: Any) -> str:
        entry = made.consent(made[plan], **other)
        payload = await done(made.asking, "stafettholder", "draftConsent", **entry)
        made.ids[name] = str(payload["consent"]["id"])
        return made.ids[name]

    async def sent(name: str, plan: str) -> str:
        payload = await done(made.asking, "stafettholder", "sendConsent", consentId=await drafted(name, plan))
        return str(payload["consent"]["texts"][0]["hash"])
    await drafted("draft form", "draft plan")
    await drafted("closed plan's form", "closed plan")
    await drafted("form that nobody signs", "free plan",  # for which there is no template
                  templateId=None, texts=[{"language": "NB", "text": "Ja."}])
    half = await sent("half signed form", "plan")
    await done(made.asking, "guardian1", "signConsent", consentId=made["half signed form"],
               method="DEMO_BANKID", hash=half)
    made.ids["hash"] = await sent("sent form", "draft plan")
