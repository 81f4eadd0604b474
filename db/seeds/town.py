"""The demo town: two municipalities, their people, and plans in every state, all written as the API would write them."""
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from db.engine import Writer, Writing
from db.rules.plan import check_create
from db.rules.words import AddressProtection, PlanType, Post
from db.seal import Seal
from db.seeds import cases, parts
from db.seeds.acts import Acts
from db.seeds.courses import Calendar, Case, Kin, Life
from db.seeds.home import Employee, Home, Service, drafted, hired, staffed
from db.seeds.names import Someone, Strangers
from db.seeds.parts import NORDMO, PARTS, Place, Town
from db.seeds.texts import Book, book
from db.seeds.work import People
from db.tables.consent import ConsentTemplate
from db.tables.municipality import Municipality
from db.tables.person import Person
from db.write import person, plan
from db.write.find import NOBODY, Who, transaction
from db.write.person import PersonDraft
from db.write.plan import PlanDraft

SEED = 1814
DAY = timedelta(days=1)
FOUNDED = 400 * DAY  # before now
VESTVIK = Place(
    "Vestvik", "nn",
    {"Vestvik skule": "Skular", "Fjordglytt barnehage": "Barnehagar", "Vestvik helsestasjon": "Helse",
     "PPT Vestvik": "Oppvekst", "Vestvik barnevern": "Oppvekst"},
    "Samtykke til stafettlogg",
    "Eg samtykkjer til at dei som er nemnde her, kan dele opplysningar i stafettloggen for å gje barnet eit heilskapleg "
    "tilbod. Samtykket kan når som helst trekkjast tilbake.")
UNITS = {
    1: {Service.KINDERGARTEN: "Solbakken barnehage", Service.SCHOOL: "Nordmo skole", Service.CLINIC: "Nordmo helsestasjon",
        Service.GUIDANCE: "PPT Nordmo", Service.FAMILY: "Familieteamet"},
    2: {Service.KINDERGARTEN: "Fjordglytt barnehage", Service.SCHOOL: "Vestvik skule",
        Service.CLINIC: "Vestvik helsestasjon", Service.GUIDANCE: "PPT Vestvik", Service.FAMILY: "Vestvik barnevern"}}
