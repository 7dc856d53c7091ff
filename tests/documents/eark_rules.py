"""A METS file against the official schema and the published rules of E-ARK CSIP and SIP.

The package `eark-validator` carries them. Only its files are read: its code wants another lxml and
asks the network for vocabularies, so whether a word is in one of those is not tried.
"""

from __future__ import annotations

import importlib.metadata
from functools import cache
from pathlib import Path

from lxml import etree
from lxml.isoschematron import Schematron

RESOURCES = "eark_validator/ipxml/resources"
RULES = "V2.1.0"
SECTIONS = ("metsRootElement", "metsHdr", "dmdSec", "amdSec", "fileSec", "structMap")
VOCABULARIES = ("@TYPE", "@csip:CONTENTINFORMATIONTYPE", "@csip:OAISPACKAGETYPE", "@STATUS")
ASSERT = "{http://purl.oclc.org/dsdl/schematron}assert"
FAILED = "{http://purl.oclc.org/dsdl/svrl}failed-assert"
TOO_WIDE = {
    # Of the agent that is the software; the file asks them of every agent.
    "CSIP12", "CSIP13", "CSIP15", "CSIP16",
    "SIP14",  # of the creator; the file asks it of every agent's note
    "CSIP60", "CSIP95", "CSIP113", "CSIP99",  # where there are documentation and schemas
    "CSIP63",  # where a group says what kind of content it has
    "CSIP103",  # where there are no representations
}  # fmt: skip
"""Requirements that the rule files ask more widely than the specification does."""


def schema_faults(manifest: etree._Element) -> list[str]:
    """What is wrong by the METS schema with its imports and E-ARK's own attributes."""
    schema = _schema()
    schema.validate(manifest)
    return [f"{one.line}: {one.message}" for one in schema.error_log]


def broken_rules(manifest: etree._Element) -> set[str]:
    """The numbers of the requirements that do not hold."""
    found = set()
    for specification in ("CSIP", "SIP"):
        for section in SECTIONS:
            schematron, required = _rules(specification, section)
            schematron.validate(manifest)
            report = schematron.validation_report
            found |= {failed.get("id") for failed in report.iter(FAILED)} & required
    return found


def _file(path: str) -> Path:
    """A file of the package, found without importing it."""
    place = importlib.metadata.distribution("eark-validator").locate_file(RESOURCES)
    return Path(str(place)) / path


@cache
def _schema() -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    return etree.XMLSchema(etree.parse(_file("schema/mets.sip.local.v2-0.xsd"), parser))


@cache
def _rules(specification: str, section: str) -> tuple[Schematron, set[str]]:
    text = _file(f"schematron/{RULES}/{specification}/mets_{section}_rules.xml").read_text("utf-8")
    kinds = _file("vocabs/IANA.txt").read_text("utf-8").split()
    is_known = " or ".join(f"(@MIMETYPE = '{kind}')" for kind in kinds)
    text = text.replace("@MIMETYPE_IANA_test", is_known)
    for attribute in VOCABULARIES:
        text = text.replace(f"{attribute}_vocabulary_test", f"{attribute} != ''")
    tree = etree.fromstring(text.encode())
    required = {str(rule.get("id")) for rule in tree.iter(ASSERT) if rule.get("role") == "ERROR"}
    return Schematron(tree, store_report=True), required
