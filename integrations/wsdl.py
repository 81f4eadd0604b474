"""A WSDL as somebody was given it: read from its file and those beside it; nothing is ever fetched."""
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

import zeep
from lxml import etree
from lxml.etree import _Element as Node
from zeep.wsdl import Document

from integrations.soap import first_breach

XS: Final = "http://www.w3.org/2001/XMLSchema"
ALL = "urn:stafettlogg-hub:all"  # a schema of ours, which imports all of theirs
# http addresses pass zeep, for they mean files here: _Files answers them.
SETTINGS = zeep.Settings(forbid_dtd=True, forbid_external=False, raw_response=True)


class Unreadable(ValueError):
    """The file, or one that it imports, is not there or is no WSDL that can be used."""


class Wsdl:
    """`document`: its services and types, as zeep knows them. Unreadable: see there."""

    def __init__(self, file: Path) -> None:
        try:
            self._parts = _Parts(file.resolve())
            self.schema = self._parts.compiled()
            self.document: Any = Document(
                str(file.resolve()), _Files(file.resolve().parent),  # type: ignore[arg-type]  # as zeep does
                settings=SETTINGS)
        except (OSError, ValueError, LookupError, AttributeError, etree.LxmlError, zeep.exceptions.Error):
            raise Unreadable("can't be read, with what it imports beside it") from None

    def breach(self, message: Node) -> str | None:
        """The name of the first element that breaks the schema; None when all is well. Never its value."""
        return first_breach(self.schema, message)

    def faults(self, message: Node) -> list[tuple[Node, str]]:
        """Every element that breaks the schema, and what kind of fault it is, in libxml2's word for it."""
        self.schema.validate(message)
        log = cast("Any", self.schema.error_log)  # of which the stubs know nothing
        return [(_at(message, fault.path), fault.type_name) for fault in log]

    def takes(self, kind: etree.QName, text: str) -> bool:
        """Whether a value of the named simple type can be written so."""
        value = etree.Element(f"{{{ALL}}}value")
        value.text = text
        return bool(self._parts.compiled(kind).validate(value))


def file_of(folder: Path, location: str) -> Path:
    """The file that an import means: relative ones as they say; of an address its last name, beside the
    WSDL; and of `…?xsd=xsd0`, as WCF has it, xsd0.xsd."""
    parts = urlsplit(location)
    if not parts.scheme:
        return folder / unquote(parts.path)
    kind, _, name = parts.query.partition("=")
    return folder / Path(f"{name}.{kind}" if kind in ("xsd", "wsdl") else unquote(parts.path)).name


def _at(node: Node, path: str) -> Node:
    """The element at libxml2's path, which starts at the node; a step is `prefix:name[2]`, or `*[2]` where
    there is no prefix."""
    for step in path.split("/")[2:]:
        name, _, nth = step.rstrip("]").partition("[")
        same = [child for child in node
                if name in ("*", f"{child.prefix}:{etree.QName(child).localname}", child.tag)]
        node = same[int(nth or 1) - 1] if same else node  # an attribute is told of by its element
    return node


class _Files(zeep.Transport):
    """zeep's way to what a WSDL imports from addresses."""

    def __init__(self, folder: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.folder = folder

    def _load_remote_data(self, url: str) -> bytes:
        return file_of(self.folder, url).read_bytes()


class _Parts(etree.Resolver):
    """Every schema in a WSDL and the files it imports, put together so that libxml2 can compile them: it
    finds no schema that stands beside another in one WSDL, and reads the first of a namespace only."""

    def __init__(self, file: Path) -> None:
        self.folder, self.schemas, self.files = file.parent, dict[str, Node](), dict[Path, str]()
        self._read(file)
        self.namespaces = sorted({schema.get("targetNamespace") or "" for schema in self.schemas.values()})

    def _read(self, file: Path) -> None:
        root = etree.parse(str(file), etree.XMLParser(no_network=True, resolve_entities=False)).getroot()
        if root.getroottree().docinfo.internalDTD is not None:
            raise ValueError("a DTD is not taken")
        own = list(root.iter(f"{{{XS}}}schema"))
        for schema in own:
            self.schemas[f"part:{len(self.schemas)}"] = schema
        self.files[file] = f"part:{len(self.schemas) - len(own)}"  # the first of them: an XSD has but one
        for link in [*root.iter(f"{{{XS}}}import", f"{{{XS}}}include", f"{{{XS}}}redefine"),
                     *root.iterfind("{http://schemas.xmlsoap.org/wsdl/}import")]:
            self._follow(file.parent, link)

    def _follow(self, folder: Path, link: Node) -> None:
        """Reads what a link means, and lets it mean the part, or all parts of its namespace."""
        location = link.get("schemaLocation") or link.get("location") or ""
        other = file_of(self.folder if urlsplit(location).scheme else folder, location).resolve()
        if location and other not in self.files:
            self._read(other)
        if link.tag == f"{{{XS}}}import":
            link.set("schemaLocation", f"all:{link.get('namespace') or ''}")
        elif location:
            link.set("schemaLocation", self.files[other])

    def compiled(self, value: etree.QName | None = None) -> etree.XMLSchema:
        """All of them as one; with `value` also an element of that name in ALL, of the type."""
        space = (None if value is None else value.namespace) or ALL
        whole = etree.Element(f"{{{XS}}}schema", targetNamespace=ALL, nsmap={"xs": XS, "value": space})
        for namespace in self.namespaces:
            named = {"namespace": namespace} if namespace else {}
            etree.SubElement(whole, f"{{{XS}}}import", named, schemaLocation=f"all:{namespace}")
        if value is not None:
            etree.SubElement(whole, f"{{{XS}}}element", name="value", type=f"value:{value.localname}")
        parser = etree.XMLParser(no_network=True)
        parser.resolvers.add(self)
        return etree.XMLSchema(etree.fromstring(etree.tostring(whole), parser))

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
        asked = self.schemas.get(system_url)
        content = etree.tostring(self._all(system_url.removeprefix("all:")) if asked is None else asked)
        return self.resolve_string(content, context, base_url=system_url)

    def _all(self, namespace: str) -> Node:
        """One schema that includes all those of the namespace."""
        whole = etree.Element(f"{{{XS}}}schema", {"targetNamespace": namespace} if namespace else {})
        for part, schema in self.schemas.items():
            if (schema.get("targetNamespace") or "") == namespace:
                etree.SubElement(whole, f"{{{XS}}}include", schemaLocation=part)
        return whole
