"""A town with more in it: a resting plan, a protected child, a tombstone, another municipality, and rows of
every noun."""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import psycopg

from db.engine import Writer, plain
from db.rules.words import AddressProtection, Post, Role
from db.seal import synthetic
from db.seeds.names import at_work
from db.seeds.parts import PARTS, Targets, Town, build, opened
from db.tables.person import Person
from db.tables.unit import Unit
from db.write import invitation, participant, person
from db.write.find import NOBODY, Who, lock, transaction
from db.write.person import PersonDraft
from db.write.plan import municipality
from resolvers.context import Viewer
from tests.support.asking import DAY, NOW, SEAL, Asking
from tests.support.changing import done, rows
from tests.support.papers import uploaded
from tests.support.questions import kind, whole

VIEWERS = (*PARTS, "group leader", "invited", "neighbour", "fagsystem")  # the last is a system, no person
OTHERS = {  # born when; employed as what
    "sibling": ("Ida Nordmo", date(2012, 4, 3), None),
    "hidden": ("Bo Strand", date(2019, 1, 9), None),
    "mother": ("Eli Strand", date(1990, 5, 6), None),
    "father": ("Tor Strand", date(1989, 8, 7), None),
    "teacher": ("Gro Lien", date(1977, 7, 1), "Pedagogisk leder"),
    "guarded": ("Rut Lien", date(1976, 2, 3), "Assistent"),
    "invited": ("Turid Nordmo", date(1955, 6, 7), None),
    "group leader": ("May Sol", date(1969, 3, 4), "Oppvekstsjef")}
PROTECTED = ("hidden", "guarded")
READ = f"query($id: ID!) {{ plan(id: $id) {{ {whole(kind('Plan'))} }} }}"
RECEIPTS = """
update delivery set state = 'CONFIRMED', confirmed_at = ordered_at + interval '1 hour',
  sha256 = md5(id::text), reference = '2026/7' where kind = 'ARCHIVED';
insert into archive_due (municipality_id, plan_id, due_at)
  select municipality_id, id, timestamptz '2026-11-17' - interval '1 hour' * row_number() over (order by id)
  from plan where deleted_at is null;
insert into delivery_attempt
    (municipality_id, plan_id, delivery_id, number, started_at, milliseconds, fault, answer)
  select municipality_id, plan_id, id, n, ordered_at, 40, case n when 1 then 'RETRYABLE' end, 'HTTP 503'
  from delivery, generate_series(1, 2) n;
insert into task (municipality_id, plan_id, delivery_id, unit_id, due_on)
  select municipality_id, plan_id, id, unit_id, date '2026-11-20' from delivery where unit_id is not null;
update delivery set state = 'ACCEPTED', attempt_count = 1 where id in (select delivery_id from task);
insert into target
    (municipality_id, name, failures, paused_at, pause_reason, measured_at, waiting, checked_at, fault)
  select municipality_id, known.name, 5, now(), 'AUTH', now(), 7, now(), 'no connection'
  from municipality, unnest(array['archive', 'fagsystem']) known(name);
insert into alert (municipality_id, target_id, kind, started_at)
  select municipality_id, id, 'TARGET_FAILS', now() from target;
insert into reconciliation (municipality_id, target_id, started_at, ended_at, same, missing)
  select municipality_id, id, now(), now(), 7, 1 from target;
insert into system_request (municipality_id, at, act, organisation_number, supplier_number, allowed, answered)
  select municipality_id, now(), act, organisation_number, '310900001', true, 1
  from municipality, unnest(array['HAS_STAFETTLOGG', 'CREATE_PLAN']) known(act);
insert into access_log
    (municipality_id, plan_id, person_id, unit_id, consent_id, hour, elements, action, at)
  select distinct on (p.id) municipality_id, p.id, '00000000-0000-0000-0000-000000000000'::uuid, u.id, c.id,
    date_trunc('hour', now()), 0, 'ASK', now()
  from plan p join unit u using (municipality_id) join consent c using (municipality_id)
  where c.plan_id = p.id and p.deleted_at is null order by p.id, u.name, c.id"""


@dataclass(frozen=True)
class Crowd:
    """Where it is kept, its two municipalities, and the plans: the cast's, a resting one, one next door, that
    of a child whose address is protected, and one that is deleted."""
    url: str
    home: Town
    next_door: Town
    plans: Mapping[str, UUID]

    def viewer(self, part: str) -> Viewer:
        """The neighbour is the other municipality's stafettholder."""
        if part == "neighbour":
            return Viewer(self.next_door.municipality, self.next_door.persons["stafettholder"], "en")
        return Viewer(self.home.municipality, self.home.persons.get(part), "en")


class AskingCrowd(Asking):
    """Asks as any of the crowd."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__(crowd.url)
        self.crowd, self.town = crowd, crowd.home

    def viewer(self, part: str) -> Viewer:
        return self.crowd.viewer(part)


async def gathered(url: str, home: Town) -> Crowd:
    """In the database that has the cast in it."""
    writer, number, since = Writer(url, size=2), home.municipality, NOW - 250 * DAY
    persons, targets = dict(home.persons), Targets("fagsystem", "archive")
    try:
        next_door = await build(writer, SEAL, NOW, number=number + 1, targets=targets)
        persons |= await people(writer, Who(number, NOBODY, NOW - 300 * DAY), home)
        resting = await opened(writer, Who(number, persons["stafettholder"], since),
                               persons | {"owner": persons["sibling"]}, home.units, NOW)
        family = {"owner": persons["hidden"], "guardian1": persons["mother"], "guardian2": persons["father"]}
        hidden = await opened(writer, Who(number, persons["teacher"], since), persons | family,
                              home.units | {"Nordmo skole": home.units["Solbakken barnehage"]}, NOW)
    finally:
        await writer.close()
    crowd = Crowd(url, replace(home, persons=persons), next_door, {
        "cast": home.plan, "resting": resting.plan, "hidden": hidden.plan, "next door": next_door.plan})
    gone = await lived_in(crowd, resting.consent)
    return replace(crowd, plans={**crowd.plans, "deleted": gone})


async def people(writer: Writer, who: Who, home: Town) -> dict[str, UUID]:
    """Further people of the town; and of the cast, one who hides the telephone."""
    added: dict[str, UUID] = {}
    async with transaction(writer, who.now) as session:
        for part, (name, born, position) in OTHERS.items():
            mobile, email = f"+4741{born:%y%m%d}", f"{born:%y%m%d}@example.no"
            number = None if part == "father" else synthetic(born, 0)  # he is new in the country
            made = await person.found_or_registered(
                session, who, SEAL, PersonDraft(number, name, born, mobile, email))
            made.joined_at = None if part == "invited" else who.now
            if position:
                await person.employ(
                    session, made, position, home.units["Solbakken barnehage"], at_work(email, mobile))
            if part in PROTECTED:
                made.address_protection = AddressProtection.CONFIDENTIAL
            added[part] = made.id
        school = await session.get_one(Unit, (who.municipality, home.units["Nordmo skole"]))
        person.assign(session, who, added["group leader"], Post.GROUP_ADMINISTRATOR, group=school.group_id)
        (await session.get_one(Person, (who.municipality, home.persons["guardian2"]))).hides_mobile = True
        (await session.get_one(Person, (who.municipality, home.persons["former"]))).shows_private = True
        (await municipality(session, who.municipality)).sms = "sms"
    return added


async def paper_signed(asking: AskingCrowd) -> None:
    """A consent is asked for anew, and one of two has signed it, on paper."""
    made = await done(asking, "stafettholder", "renewConsent", consentId=f"Consent:{asking.town.consent}")
    consent = made["consent"]
    await done(asking, "stafettholder", "sendConsent", consentId=consent["id"])
    await done(asking, "stafettholder", "signConsentOnPaper", consentId=consent["id"],
               personId=f"Person:{asking.town.persons['guardian2']}", hash=consent["texts"][0]["hash"],
               signedOn=str(asking.now.date()), paper=await uploaded(asking))


async def asked_again(asking: AskingCrowd, plan: UUID, named: str) -> None:
    """A plan that rests has a form that waits to be signed."""
    made = await done(asking, "stafettholder", "draftConsent", planId=f"Plan:{plan}",
                      names=[{"personId": named}], texts=[{"language": "NB", "text": "Igjen"}])
    await done(asking, "stafettholder", "sendConsent", consentId=made["consent"]["id"])


async def invited(asking: AskingCrowd) -> None:
    """One is to take part in the cast's plan, and has not accepted."""
    who = Who(asking.town.municipality, asking.town.persons["stafettholder"], asking.now)
    async with transaction(asking.writer, asking.now) as session:
        plan = await lock(session, who, asking.town.plan)
        made = await participant.add(session, who, plan, asking.town.persons["invited"], Role.NEXT_OF_KIN)
        await invitation.send(session, who, SEAL, plan, made)


async def deleted(asking: AskingCrowd) -> UUID:
    """A wish that the cast's plan be deleted; and a plan that was opened, closed, archived and deleted."""
    cast = f"Plan:{asking.town.plan}"
    await done(asking, "guardian1", "requestDeletion", planId=cast, reason="Nok nå.")
    child, mother = ({"identityNumber": synthetic(born, 0), "name": name, "mobile": "+4740000000"}
                     for name, born in (("Liv Strand", date(2020, 2, 2)), OTHERS["mother"][:2]))
    school = f"Unit:{asking.town.units['Nordmo skole']}"
    made = await done(asking, "stafettholder", "createPlan", unitId=school, owner=child, guardians=[mother])
    plan = made["plan"]["id"]
    await done(asking, "stafettholder", "closePlan", planId=plan, reason="MOVED_AWAY")
    rows(asking, "update delivery set state = 'CONFIRMED', confirmed_at = ordered_at "
                 "where trigger = 'CLOSING' returning id")
    await done(asking, "mother", "requestDeletion", planId=plan, reason="Vi er flyttet.")
    await done(asking, "admin", "deletePlan", planId=plan)
    return UUID(plan.removeprefix("Plan:"))


async def lived_in(crowd: Crowd, resting: UUID) -> UUID:
    """A consent is withdrawn and another asked for, a plan archived, a goal commented on, the baton offered,
    a consent drafted, a deletion asked for; and all have read. The plan that is deleted."""
    asking = AskingCrowd(crowd)
    await asking.open()

    async def make(part: str, change: str) -> None:
        assert await asking.refused(part, f"mutation {{ {change} {{ errors {{ code }} }} }}") == []
    try:
        plan, nurse = f"Plan:{crowd.home.plan}", f"Person:{crowd.home.persons['nurse']}"
        asking.now = NOW - 20 * DAY
        await make("guardian1", f'withdrawConsent(consentId: "Consent:{resting}")')
        asking.now = NOW - 10 * DAY
        await make("stafettholder", f'archivePlan(planId: "{plan}")')
        (goal, *_) = (await asking.told("guardian1", READ, id=plan))["plan"]["goals"]
        await make("guardian1", f'addComment(input: {{on: "{goal["id"]}", body: "Bra."}})')
        await make("stafettholder", f'proposeStafettholder(input: {{planId: "{plan}", personId: "{nurse}", '
                                    f'reason: "Permisjon"}})')
        await make("stafettholder", f'draftConsent(input: {{planId: "{plan}", '
                                    f'texts: [{{language: AR, text: "Utkast"}}], '
                                    f'names: [{{personId: "{nurse}"}}]}})')
        await asked_again(asking, crowd.plans["resting"], nurse)
        for happened in (paper_signed, invited):
            await happened(asking)
        gone = await deleted(asking)
        asking.now = NOW - DAY
        for part in VIEWERS:
            await asking.told(part, READ, id=plan)
    finally:
        await asking.close()
    with psycopg.connect(plain(crowd.url)) as connection:
        connection.execute(RECEIPTS)
    return gone
