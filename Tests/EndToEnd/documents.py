"""Documents as other programs write them, and hostile ones."""

import io
import zipfile

import docx
import fpdf
from reportlab.pdfgen import canvas

LINES = ["Role: Gynecologist", "Name: Dr. Asha Rao", "City: Pune, Maharashtra", "Domain: pharma",
         "Situation: A busy doctor has no time for one more sales pitch of a drug that she is to prescribe."]
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(lines=LINES, title="A pharma representative visits"):
    """By python-docx: a title, paragraphs, and a table."""
    document = docx.Document()
    document.add_heading(title, 0)
    for line in lines:
        document.add_paragraph(line)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Budget", "दो लाख रुपये"
    return saved(document)


def pdf(lines=LINES, password=None):
    """By fpdf2."""
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("Helvetica", size=12)
    for line in lines:
        document.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    if password:
        document.set_encryption(owner_password="owner", user_password=password)
    return bytes(document.output())


def drawn_pdf(lines=LINES, pages=1):
    """By reportlab, whose pages are compressed and written as ASCII."""
    buffer = io.BytesIO()
    sheet = canvas.Canvas(buffer)
    for _ in range(pages):
        for index, line in enumerate(lines):
            sheet.drawString(40, 720 - 20 * index, line)
        sheet.showPage()
    sheet.save()
    return buffer.getvalue()


def picture_pdf():
    """As a scanner writes it: a page without a letter."""
    document = fpdf.FPDF()
    document.add_page()
    document.rect(10, 10, 100, 100, style="F")
    return bytes(document.output())


def saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def archive(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def word_of(body, part="word/document.xml", before=""):
    """A document with a body of one's own."""
    relationships = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
                     f'Type="http://x/relationships/officeDocument" Target="{part}"/></Relationships>')
    return archive({"_rels/.rels": relationships, part: f"{before}<w:document {WORD}>{body}</w:document>"})
