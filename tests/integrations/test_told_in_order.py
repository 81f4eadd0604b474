"""What a service is told where something comes between: an end, a closing that waits, a consent run out."""
from datetime import timedelta

import pytest

from db.rules.delivery import DeliveryFault
from integrations.target import DeliveryError, PlanFact
from tests.support.asking import DAY, NOW, Asking
from tests.support.changing import done, rows
from tests.support.posting import Post

AWAY = DeliveryError(DeliveryFault.RETRYABLE, "away")
CLINIC = "Nordmo helsestasjon"


@pytest.fixture
async def post(own_town: Asking) -> Post:
    """The clinic alone has a system, and has not been told yet."""
    rows(own_town, "update unit set fagsystem = null where name <> %s returning id", CLINIC)
    rows(own_town, """delete from delivery where unit_id in (select id from unit where fagsystem is null)
        returning id""")
    return Post(own_town)


async def act(post: Post, change: str, by: str = "stafettholder", **given: object) -> None:
    post.town.now += timedelta(minutes=1)
    await done(post.town, by, change, planId=f"Plan:{post.town.town.plan}", **given)


async def asked(post: Post, *names: str, by: str = "stafettholder") -> dict[str, str]:
    """For a new consent; what is signed of it."""
    made = await done(
        post.town, by, "draftConsent", planId=f"Plan:{post.town.town.plan}",
        validUntil=str((post.town.now + 30 * DAY).date()), texts=[{"language": "NB", "text": "Ja."}],
        names=[{"personId": f"Person:{post.town.town.persons[name]}"} for name in names])
    await done(post.town, by, "sendConsent", consentId=made["consent"]["id"])
    return {"consentId": made["consent"]["id"], "hash": made["consent"]["texts"][0]["hash"]}


async def signed(post: Post, form: dict[str, str]) -> None:
    for by in ("guardian1", "guardian2"):
        await done(post.town, by, "signConsent", method="DEMO_BANKID", **form)


async def the_nurse_is_given_the_baton(post: Post) -> None:
    nurse = f"Person:{post.town.town.persons['nurse']}"
    await act(post, "replaceStafettholder", "admin", personId=nurse, reason="Syk")


async def withdrawn(post: Post) -> None:
    ((key,),) = rows(post.town, "select id from consent order by id desc limit 1")
    await done(post.town, "guardian1", "withdrawConsent", consentId=f"Consent:{key}")


async def all_told(post: Post) -> list[str]:
    """All that the clinic has been told when nothing waits any more."""
    for _ in range(3):
        post.town.now += timedelta(hours=12)
        await post.go()
    return [fact.kind.value for fact in kept(post)]


def kept(post: Post) -> list[PlanFact]:
    return list({fact.fact_id: fact for fact in post.facts()}.values())


async def test_what_has_ended_is_not_ended_again(post: Post) -> None:
    await post.go()
    await withdrawn(post)
    await signed(post, await asked(post, "nurse"))
    await withdrawn(post)  # before anybody was told of it
    assert await all_told(post) == ["OPENED", "WITHDRAWN"]


async def test_a_new_holder_is_told_of_though_the_plan_was_closed_meanwhile_and_opened_again(
        post: Post) -> None:
    await post.go()
    post.fagsystem.says, post.archive.says = [AWAY], [AWAY]
    await the_nurse_is_given_the_baton(post)
    await act(post, "closePlan", "nurse", reason="OTHER")
    await post.go()
    await act(post, "reopenPlan", "admin")
    assert await all_told(post) == ["OPENED", "HOLDER_CHANGED"]
    contact = kept(post)[-1].contact
    assert contact and contact.name == "Siv Berg"


async def test_one_who_may_have_heard_hears_it_for_sure_where_the_plan_is_open_again(post: Post) -> None:
    post.fagsystem.says, post.archive.says = [AWAY], [AWAY]
    await post.go()
    post.town.now += DAY
    await act(post, "closePlan", reason="OTHER")
    post.fagsystem.says, post.archive.says = [AWAY], [AWAY]
    await post.go()
    await act(post, "reopenPlan")
    assert await all_told(post) == ["OPENED"]
    assert {d["state"] for d in await post.said()} == {"CONFIRMED"}


async def test_one_who_has_not_heard_of_a_plan_is_not_told_of_it_when_it_is_closed(post: Post) -> None:
    await act(post, "closePlan", reason="OTHER")
    post.archive.says = [AWAY]
    await post.go()
    assert await all_told(post) == []


async def test_a_consent_that_has_run_out_is_told_though_the_next_one_comes_before_the_clock_has_seen_it(
        post: Post) -> None:
    await post.go()
    post.fagsystem.says = [AWAY]
    await the_nurse_is_given_the_baton(post)
    post.town.now = NOW + 66 * DAY
    await post.go()
    await signed(post, await asked(post, "nurse", by="nurse"))
    assert (await all_told(post))[-2:] == ["WITHDRAWN", "OPENED"]


async def test_the_service_of_a_holder_whom_the_family_was_not_asked_about_is_told_nothing(
        post: Post) -> None:
    await post.go()
    await withdrawn(post)
    form = await asked(post)
    await the_nurse_is_given_the_baton(post)
    await signed(post, form)
    assert await all_told(post) == ["OPENED", "WITHDRAWN"]
