"""Whatever people have typed, a plan's document is PDF/A-2a and PDF/UA-1 to veraPDF, its message XML."""
import io
import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st
from lxml import etree

from integrations.archive.folder.mapping import unpack
from integrations.archive.folder.target import FolderArchive
from integrations.documents.form import SignedForm, form_pdf
from integrations.documents.plan import pdf
from integrations.target import ArchiveTrigger, PlanVersion
from tests.support.plans import TYPED, forms, plans
from tests.support.verapdf import Flavour, checker

DOCUMENTS = int(os.environ.get("DOCUMENTS", "5"))  # `make test`: 500; of forms a fifth
ROUND = 25  # documents in one test, so that processes share them
VERSION = PlanVersion(
    fact_id=UUID(int=1), plan_key=UUID("0192f0c1-2b3c-7d4e-8f50-123456789abc"), version=1, plan={},
    language="nb", archived_at=datetime(2026, 11, 22, 9, 29, tzinfo=UTC), archived_by="",
    trigger=ArchiveTrigger.CLOSING, identity_number=None, municipality_number="9999",
    municipality_name="", municipality_organisation_number="999999999", unit_name=None, protected=False)
VERSIONS = st.builds(
    replace, st.just(VERSION), plan=plans(), language=st.sampled_from(["nb", "nn", "en"]),
    archived_by=TYPED, municipality_name=TYPED, unit_name=st.none() | TYPED, protected=st.booleans())
ARCHIVE = FolderArchive("archive", Path("unused"))


FORMS = st.builds(
    lambda form, name, language: SignedForm(form[0], form[1], name, language, VERSION.archived_at),
    forms(), TYPED, st.sampled_from(["nb", "nn", "en"]))


@pytest.mark.parametrize("nth", range(0, DOCUMENTS, ROUND))
def test_every_plan_can_be_archived_and_read(nth: int) -> None:
    broken = checker()

    @some(DOCUMENTS, nth)
    @given(VERSIONS)
    def lasts(version: PlanVersion) -> None:
        files = unpack(ARCHIVE.render(version)).files
        etree.fromstring(files["arkivmelding.xml"])
        assert [fault for flavour in Flavour for fault in broken(files["plan.pdf"], flavour)] == []
    lasts()


@pytest.mark.parametrize("nth", range(0, DOCUMENTS // 5, ROUND))
def test_every_signed_form_can_be_kept_and_read(nth: int) -> None:
    broken = checker()

    @some(DOCUMENTS // 5, nth)
    @given(FORMS)
    def lasts(form: SignedForm) -> None:
        assert [fault for flavour in Flavour for fault in broken(form_pdf(form), flavour)] == []
    lasts()


def some(count: int, nth: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Of so many in all, those from the nth on: others than in any other round, and others each time."""
    chosen = settings(max_examples=min(ROUND, count - nth), deadline=None,
                      suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    return lambda test: seed(random.randrange(2**32))(chosen(test))


@pytest.mark.parametrize(("lost", "flavour"), [
    ("/MarkInfo", Flavour.ARCHIVE), ("/Metadata", Flavour.ARCHIVE),
    ("/StructTreeRoot", Flavour.ACCESSIBLE), ("/ViewerPreferences", Flavour.ACCESSIBLE)])
def test_a_document_that_has_lost_something_is_noticed(lost: str, flavour: Flavour) -> None:
    broken, buffer = checker(), io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(VERSION))) as document:
        del document.Root[lost]
        document.save(buffer)
    assert broken(buffer.getvalue(), flavour)
