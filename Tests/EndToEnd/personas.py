"""Persona folders for tests: the shipped ones with changes."""

import json
import shutil

from gateway import ROOT, TINA


def personas_with(folder, **changed):
    """A copy of the shipped personas; each keyword adds a copy of Tina with that id and those fields."""
    copy = folder / "personas"
    shutil.copytree(ROOT / "personas", copy)
    add(copy, **changed)
    return copy


def add(folder, **changed):
    path = folder / "astrologers.json"
    document = json.loads(path.read_text())
    tina = next(entry for entry in document["astrologers"] if entry["astrologer_id"] == TINA)
    for identifier, fields in changed.items():
        document["astrologers"].append({**tina, "astrologer_id": identifier, **fields})
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2))
