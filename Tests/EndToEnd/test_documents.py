"""PDF and DOCX as scenarios: documents that other programs wrote, and documents that mean harm."""

import asyncio
import time

import aiohttp
import pytest

import documents
from gateway import BUILD, Gateway
from test_operations import vaani

CFB = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


async def upload(gateway, content, name="scenario.bin", kind="application/octet-stream"):
    """Status and answer."""
    form = aiohttp.FormData()
    form.add_field("scenario_document", content, filename=name, content_type=kind)
    form.add_field("template_name", "Visit")
    async with aiohttp.ClientSession(gateway.url("")) as client:
        async with client.post("/analyze-scenario-enhanced", data=form) as reply:
            return reply.status, await reply.json()


@pytest.mark.parametrize("make", [documents.word, documents.pdf, documents.drawn_pdf])
async def test_a_document_is_read_by_its_bytes_and_not_by_its_name(gateway, make):
    """S3-42: what it is called, and what type it is declared to have, changes nothing."""
    content = make()
    for name, kind in [("a.pdf", "application/pdf"), ("a.docx", "text/plain"), ("a", "image/png")]:
        status, answer = await upload(gateway, content, name, kind)
        assert status == 200, answer
        data = answer["template_data"]
        assert data["archetype_classification"]["primary_archetype"] == "PERSUASION"
        bot = data["persona_definitions"]["assess_mode_ai_bot"]
        assert bot["role"] == "Gynecologist" and bot["name"] == "Dr. Asha Rao", bot


async def test_the_same_words_make_the_same_template_in_any_format(gateway):
    text = "\n".join(documents.LINES).encode()
    plain = (await upload(gateway, text))[1]["template_data"]
    for content in [documents.pdf(), documents.drawn_pdf()]:
        assert (await upload(gateway, content))[1]["template_data"]["persona_definitions"] == plain["persona_definitions"]


async def test_the_rows_of_a_table_are_read_as_well(gateway):
    import docx
    document = docx.Document()
    document.add_heading("A visit", 0)
    table = document.add_table(3, 2)
    for row, (name, value) in zip(table.rows, [("Role", "Patient"), ("Name", "आशा राव"), ("City", "पुणे")]):
        row.cells[0].text, row.cells[1].text = name, value
    status, answer = await upload(gateway, documents.saved(document))
    bot = answer["template_data"]["persona_definitions"]["assess_mode_ai_bot"]
    assert status == 200 and (bot["role"], bot["name"], bot["location"]) == ("Patient", "आशा राव", "पुणे"), bot


async def test_more_documents_than_can_wait_are_told_to_come_again(gateway):
    """Each is read, or told so with Retry-After; nothing else."""
    content = documents.drawn_pdf(["word " * 8] * 30, pages=30)
    answers = await asyncio.gather(*(upload(gateway, content) for _ in range(60)))
    told = [answer["code"] for status, answer in answers if status != 200]
    assert {status for status, _ in answers} <= {200, 503} and set(told) <= {"unavailable"}, set(told)
    assert (await upload(gateway, documents.word()))[0] == 200


@pytest.mark.parametrize("content, status, words", [
    (documents.pdf(password="secret"), 422, "password"),
    (documents.picture_pdf(), 422, "without text"),
    (documents.pdf()[:600], 422, "damaged"),
    (documents.word()[:9_000], 422, "damaged"),
    (b"%PDF-1.7\n" + bytes(900), 422, "damaged"),
    (documents.drawn_pdf(["many words " * 6] * 30, pages=40), 422, "60000 is the most"),
    (documents.archive({"a.txt": "Role: Nurse"}), 415, "cannot be read here"),
    (documents.archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), 415, "cannot be read"),
    (CFB, 415, "password"),
    (b"\x89PNG\r\n\x1a\n" + bytes(99), 415, "no text in UTF-8"),
], ids=["password", "pictures", "half a PDF", "half a DOCX", "zeros", "too long", "ZIP", "ODT", "DOC", "PNG"])
async def test_what_cannot_be_read_is_told_why(gateway, content, status, words):
    told, answer = await upload(gateway, content)
    assert told == status and words in answer["message"], answer


PARAGRAPH = "<w:p><w:r><w:t>a</w:t></w:r></w:p>"


def laughs():
    """An entity of ten entities of ten entities …"""
    levels = zip("abcdefgh", "bcdefghi")
    entities = "".join(f"<!ENTITY {name} '{f'&{below};' * 10}'>" for below, name in levels)
    return documents.word_of("<w:p><w:r><w:t>&i;</w:t></w:r></w:p>", before=f"<!DOCTYPE w [<!ENTITY a 'ha'>{entities}]>")


def self_drawing():
    """A form that draws itself, on a page."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
               b"<</Length 5>>stream\n/X Do\nendstream",
               b"<</Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</X 5 0 R>>>>/Length 11>>stream\n"
               b"/X Do /X Do\nendstream"]
    return b"%PDF-1.4\n" + b"".join(b"%d 0 obj" % (number + 1) + body + b"endobj\n"
                                    for number, body in enumerate(objects)) + b"trailer<</Root 1 0 R>>"


HOSTILE = {
    "200 MB of spaces in 200 KB": lambda: documents.word_of(" " * 200_000_000),
    "an attribute of 30 MB": lambda: documents.word_of(f'<w:p {"a" * 30_000_000}="1"/>'),
    "a thousand million laughs": laughs,
    "a file of this machine": lambda: documents.word_of(
        "<w:p><w:r><w:t>&f;</w:t></w:r></w:p>", before="<!DOCTYPE w [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"),
    "a hundred thousand elements deep": lambda: documents.word_of("<w:p>" * 100_000),
    "half a million paragraphs": lambda: documents.word_of(PARAGRAPH * 600_000),
    "a part outside the archive": lambda: documents.word_of("", part="../../../etc/passwd"),
    "a page tree that holds itself": lambda: (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>endobj\ntrailer<</Root 1 0 R>>"),
    "a form that draws itself": self_drawing,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_document_that_means_harm_costs_an_answer_and_no_more(gateway, name):
    began = time.monotonic()
    status, answer = await upload(gateway, HOSTILE[name]())
    assert status in (415, 422) and time.monotonic() - began < 15, answer
    assert "root:" not in str(answer)
    assert (await upload(gateway, documents.word()))[0] == 200


async def test_a_gateway_without_the_helper_reads_text_alone(tmp_path):
    """The clear refusal stays where the helper was not installed."""
    for helper in ["vaani-media", "vaani-speech"]:
        (tmp_path / helper).symlink_to(BUILD / helper)
    async with Gateway(environment={"VAANI_WORKERS_DIRECTORY": str(tmp_path)}) as gateway:
        status, answer = await upload(gateway, documents.pdf())
        assert status == 415 and "cannot be read here" in answer["message"], answer
        assert (await upload(gateway, b"Role: Nurse"))[0] == 200
    for environment, words in [({"VAANI_WORKERS_DIRECTORY": str(tmp_path)}, "no PDF"), ({}, "text and Markdown, PDF and DOCX")]:
        checked = vaani("check", environment=environment)
        assert checked.returncode == 0 and words in checked.stdout, checked


async def test_the_command_line_makes_a_persona_of_a_document_of_word(gateway, tmp_path):
    scenario = tmp_path / "visit.docx"
    scenario.write_bytes(documents.word())
    made = await asyncio.to_thread(
        vaani, "personas", "generate", "--scenario", str(scenario), "--url", gateway.url(""), seconds=60)
    assert made.returncode == 0 and "Dr. Asha Rao" in made.stdout, made
