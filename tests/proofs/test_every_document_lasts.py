"""Whatever people have typed, a plan's document is PDF/A-2a and PDF/UA-1 to veraPDF, its message XML."""
import io
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from lxml import etree

from integrations.archive.folder.mapping import unpack
from integrations.archive.folder.target import FolderArchive
from integrations.documents.form import SignedForm, form_pdf
from integrations.documents.plan import pdf
from integrations.target import ArchiveTrigger, PlanVersion
from tests.support.plans import TYPED, forms, plans
from tests.support.verapdf import Flavour, checker

DOCUMENTS = int(os.environ.get("DOCUMENTS", "5"))  # `make proofs`: 500
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


@settings(max_examples=DOCUMENTS, deadline=None, suppress_health_check=list(HealthCheck),
          phases=(Phase.generate,))
@given(VERSIONS)
def test_every_plan_can_be_archived_and_read(version: PlanVersion) -> None:
    broken = checker()
    files = unpack(ARCHIVE.render(version)).files
    etree.fromstring(files["arkivmelding.xml"])
    assert [fault for flavour in Flavour for fault in broken(files["plan.pdf"], flavour)] == []


@settings(max_examples=DOCUMENTS, deadline=None, suppress_health_check=list(HealthCheck),
          phases=(Phase.generate,))
@given(FORMS)
def test_every_signed_form_can_be_kept_and_read(form: SignedForm) -> None:
    broken = checker()
    assert [fault for flavour in Flavour for fault in broken(form_pdf(form), flavour)] == []


@pytest.mark.parametrize(("lost", "flavour"), [
    ("/MarkInfo", Flavour.ARCHIVE), ("/Metadata", Flavour.ARCHIVE),
    ("/StructTreeRoot", Flavour.ACCESSIBLE), ("/ViewerPreferences", Flavour.ACCESSIBLE)])
def test_a_document_that_has_lost_something_is_noticed(lost: str, flavour: Flavour) -> None:
    broken, buffer = checker(), io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(VERSION))) as document:
        del document.Root[lost]
        document.save(buffer)
    assert broken(buffer.getvalue(), flavour)
