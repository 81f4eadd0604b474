"""The plans of the two municipalities, a line each."""
from functools import partial

from db.rules.words import AddressProtection, CloseReason, PlanType
from db.seeds import courses
from db.seeds.courses import Case, Kin
from db.seeds.home import Service

KINDERGARTEN, SCHOOL, CLINIC, GUIDANCE, FAMILY = Service
CODE_7, CODE_6 = AddressProtection.CONFIDENTIAL, AddressProtection.STRICTLY_CONFIDENTIAL
IP, IOP = PlanType.INDIVIDUAL_PLAN, PlanType.INDIVIDUAL_EDUCATION_PLAN

drafted, formed = partial(Case, courses.drafted), partial(Case, courses.formed)
asked, half_signed = partial(Case, courses.asked), partial(Case, courses.half_signed)
declined, dropped = partial(Case, courses.declined), partial(Case, courses.dropped)
active, archived = partial(Case, courses.active), partial(Case, courses.archived)
left, reopened = partial(Case, courses.left), partial(Case, courses.reopened)
renewed, renewing = partial(Case, courses.renewed), partial(Case, courses.renewing)
ran_out, just_ran_out = partial(Case, courses.ran_out), partial(Case, courses.just_ran_out)
asked_again, withdrawn = partial(Case, courses.asked_again), partial(Case, courses.withdrawn)
returned, closed = partial(Case, courses.returned), partial(Case, courses.closed)

NORDMO = (
    drafted("friends", 9, SCHOOL, 1, opened=2),
    drafted("language", 3, KINDERGARTEN, 0, opened=6),
    formed("sleep", 7, SCHOOL, opened=4),
    asked("calm", 10, SCHOOL, opened=5, guardians=1),
    half_signed("reading", 8, SCHOOL, opened=8),
    half_signed("transition", 5, KINDERGARTEN, 3, opened=12),
    half_signed("youth", 16, FAMILY, 3, opened=11),
    declined("absence", 13, SCHOOL, 3, opened=20),
    active("reading", 9, SCHOOL, 2, opened=150, left=215, restricted=True),
    active("friends", 10, SCHOOL, 2, opened=90, left=275, employee_of=KINDERGARTEN),
    active("friends", 11, SCHOOL, 2, opened=45, left=320, kin=Kin.SIBLING),
    active("sleep", 8, SCHOOL, 2, opened=360, left=5),
    active("calm", 12, SCHOOL, 3, opened=340, left=25, restricted=True),
    archived("homes", 8, SCHOOL, 2, opened=310, left=55),
    archived("absence", 14, SCHOOL, 3, opened=200, left=165, birthday_in=20),
    active("absence", 15, SCHOOL, 3, opened=120, left=245, whole_services=True),
    active("language", 3, KINDERGARTEN, 1, opened=70, left=295, guardians=1),
    archived("language", 4, KINDERGARTEN, 2, opened=240, left=125),
    active("play", 5, KINDERGARTEN, 2, opened=100, left=265, protection=CODE_7),
    active("transition", 5, KINDERGARTEN, 3, opened=130, left=235, whole_services=True),
    archived("youth", 17, FAMILY, 3, opened=210, left=155, birthday_in=30),
    active("youth", 18, FAMILY, 2, opened=190, left=175, birthday_in=320),
    active("expecting", 27, CLINIC, 3, opened=75, left=290, guardians=0),
    left("homes", 11, SCHOOL, 3, opened=180, ended=40, left=185),
    renewed("play", 5, KINDERGARTEN, 2, opened=375, ended=20, left=345),
    renewing("calm", 9, SCHOOL, 2, opened=350, ended=4, left=14),
    reopened("friends", 12, SCHOOL, 2, opened=250, ended=50, left=115),
    returned("sleep", 10, SCHOOL, 2, opened=220, ended=60, left=305),
    ran_out("reading", 10, SCHOOL, 2, opened=380, ended=16),
    ran_out("language", 5, KINDERGARTEN, 2, opened=390, ended=40),
    just_ran_out("secondary", 13, SCHOOL, 2, opened=366),
    asked_again("absence", 15, SCHOOL, 3, opened=385, ended=18),
    withdrawn("friends", 8, SCHOOL, 2, opened=160, ended=35, left=205, protection=CODE_6),
    withdrawn("youth", 16, FAMILY, 3, opened=140, ended=15, left=225),
    closed("reading", 11, SCHOOL, 2, opened=330, ended=70, left=35),
    closed("transition", 6, KINDERGARTEN, 2, opened=395, ended=150, left=-30),
    closed("homes", 10, SCHOOL, 2, opened=280, ended=45, left=85, reason=CloseReason.MOVED_AWAY),
    closed("calm", 13, SCHOOL, 2, opened=230, ended=60, left=135, reason=CloseReason.CONSENT_WITHDRAWN),
    dropped("play", 5, KINDERGARTEN, 1, opened=110, ended=90, reason=CloseReason.OTHER),
    closed("secondary", 12, SCHOOL, 3, opened=320, ended=80, left=45,
           reason=CloseReason.INDIVIDUAL_PLAN_OPENED),
    active("coordinated", 12, SCHOOL, 3, opened=78, left=287, type=IP, kin=Kin.SAME),
    active("adapted", 9, SCHOOL, 1, opened=95, left=270, type=IOP),
    formed("adapted", 13, SCHOOL, 1, opened=7, type=IOP),
)
VESTVIK = (
    formed("transition", 5, KINDERGARTEN, 1, opened=3),
    asked("sleep", 8, SCHOOL, opened=4),
    half_signed("language", 4, KINDERGARTEN, opened=10),
    half_signed("absence", 14, SCHOOL, 3, opened=15),
    declined("youth", 16, FAMILY, 3, opened=25),
    active("play", 4, KINDERGARTEN, 0, opened=40, left=325),
    active("transition", 5, KINDERGARTEN, 2, opened=110, left=255, restricted=True),
    archived("reading", 8, SCHOOL, 2, opened=190, left=175),
    active("friends", 9, SCHOOL, 2, opened=339, left=26),
    active("sleep", 7, SCHOOL, 2, opened=65, left=300, kin=Kin.SIBLING),
    active("homes", 10, SCHOOL, 3, opened=170, left=195, protection=CODE_6),
    archived("absence", 13, SCHOOL, 3, opened=230, left=135, whole_services=True),
    active("youth", 17, FAMILY, 3, opened=150, left=215, birthday_in=45),
    active("expecting", 31, CLINIC, 2, opened=55, left=310, guardians=0),
    renewed("friends", 12, SCHOOL, 2, opened=370, ended=15, left=350),
    renewing("reading", 9, SCHOOL, 2, opened=355, ended=3, left=9),
    ran_out("calm", 10, SCHOOL, 2, opened=388, ended=24),
    withdrawn("secondary", 12, SCHOOL, 2, opened=120, ended=25, left=245),
    closed("language", 5, KINDERGARTEN, 2, opened=350, ended=60, left=15),
    closed("absence", 16, SCHOOL, 3, opened=260, ended=55, left=105, reason=CloseReason.MOVED_AWAY),
    reopened("play", 5, KINDERGARTEN, 2, opened=270, ended=40, left=95),
    active("coordinated", 14, SCHOOL, 3, opened=160, left=205, type=IP),
    active("adapted", 11, SCHOOL, 1, opened=72, left=293, type=IOP),
)
