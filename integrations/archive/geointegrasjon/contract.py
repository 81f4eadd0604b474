"""The two services of GeoIntegrasjon 1.1 that the hub calls, SakArkivOppdatering and ArkivInnsyn, as a WSDL
has them: the hub's own, or one that the municipality was given."""
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import zeep
from lxml import etree
from zeep.wsdl import Document

from integrations.archive.geointegrasjon.mapping import TYPE
from integrations.soap import first_breach

FOLDER = Path(__file__).with_name("wsdl")
STANDARD = "http://rep.geointegrasjon.no/{}/2012.01.31"
TYPES = {name: STANDARD.format(f"{space}/xml.schema") for space, names in {
    "Felles/Kontakt": ("Person", "Organisasjon"), "Arkiv/Dokument": ("Filinnhold",),
    "Arkiv/Kjerne": ("SakEksternNoekkel", "SakSystemId", "JournpostEksternNoekkel", "JournpostSystemID"),
}.items() for name in names}
BINDINGS = {"oppdatering": "SakArkivOppdateringSoap", "innsyn": "ArkivInnsynSoap"}
# The official files import each other from a host that is no more: _Beside reads files, and fetches nothing.
SETTINGS = zeep.Settings(forbid_dtd=True, forbid_external=False, raw_response=True)


class Contract:
    """One service. ValueError: a file that can't be read, or that lacks something that the hub uses."""

    def __init__(self, service: str, wsdl: Path) -> None:
        self.namespace = STANDARD.format(f"Arkiv/{service.title()}/xml.wsdl")
        self.binding = f"{{{self.namespace}}}{BINDINGS[service]}"
        try:
            self.schema = _schema(wsdl)
            self.document: Any = Document(
                str(wsdl), _Beside(wsdl.parent), settings=SETTINGS)  # type: ignore[arg-type]  # as zeep itself does
        except (OSError, ValueError, LookupError, etree.LxmlError, zeep.exceptions.Error):
            raise ValueError(f"{service}_wsdl: can't be read, with what it imports beside it") from None
        if self.binding not in self.document.bindings:
            raise ValueError(f"{service}_wsdl: has no {BINDINGS[service]} of GeoIntegrasjon 1.1")

    def breach(self, message: etree._Element) -> str | None:
        """The name of the first element that breaks the schema; None when all is well. Never its value."""
        return first_breach(self.schema, message)

    def parts(self) -> Iterator[str]:
        """Every element by its name, after that of the type or message that it stands in."""
        types = self.document.types
        messages = ((one.name, one.type) for one in types.elements if isinstance(one, zeep.xsd.Element))
        for holder, kind in (*((kind.name, kind) for kind in types.types), *messages):
            yield from (f"{holder}.{name}" for name, _ in getattr(kind, "elements", ()))

    def built(self, value: Any) -> Any:
        """Values, with what names a type of its own made into that type."""
        match value:
            case dict():
                fields = {name: self.built(inner) for name, inner in value.items() if name != TYPE}
                return self._type(value[TYPE])(**fields) if TYPE in value else fields
            case list():
                return [self.built(inner) for inner in value]
            case _:
                return value

    def _type(self, name: str) -> Any:
        return self.document.types.get_type(f"{{{TYPES[name]}}}{name}")


@cache
def own(service: str) -> Contract:
    """The hub's own contract: the operations it calls, and of their types what it sends and reads."""
    return Contract(service, FOLDER / f"{service}.wsdl")


def given(service: str, wsdl: Path) -> Contract:
    """The municipality's. ValueError where it lacks something that the hub's own has: zeep drops what a
    contract does not know, and a plan would lie in the archive unshielded."""
    theirs = Contract(service, wsdl)
    lacking = sorted(set(own(service).parts()) - set(theirs.parts()))
    if lacking:
        raise ValueError(f"{service}_wsdl: has no {lacking[0]}")
    return theirs


class _Beside(zeep.Transport):
    """Reads what a WSDL imports from the folder that it stands in, whatever address it imports it from."""

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder

    def _load_remote_data(self, url: str) -> bytes:
        return (self.folder / Path(urlsplit(url).path).name).read_bytes()


class _Resolver(etree.Resolver):
    """The same for lxml, whose stubs know half of what a resolver is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
        path = self.folder / Path(urlsplit(system_url).path).name
        return self.resolve_filename(str(path), context)  # type: ignore[attr-defined]


def _schema(wsdl: Path) -> etree.XMLSchema:
    """The schema that stands inside the WSDL, with all that it imports, compiled."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_Resolver(wsdl.parent))
    (types,) = etree.parse(str(wsdl), parser).iter("{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(types), parser))
