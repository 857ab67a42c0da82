#include "CPDFText.h"

#include <climits>
#include <iconv.h>
#include <memory>
#include <string>

#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page.h>

struct vaani_pdf {
    std::unique_ptr<poppler::document> document;
    std::string text;
};

namespace {
// One empty page.
const char sample[] = "%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                      "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                      "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>";

std::string utf8(const poppler::ustring &text) {
    const poppler::byte_array bytes = text.to_utf8();
    return std::string(bytes.begin(), bytes.end());
}
} // namespace

bool vaani_pdf_prepare(void) {
    poppler::set_debug_error_function([](const std::string &, void *) {}, nullptr);
    // Poppler turns every text from UTF-8 to UTF-16 and back with iconv, which loads a module for that. Two that stay
    // open keep the module.
    const iconv_t none = reinterpret_cast<iconv_t>(-1);
    if (iconv_open("UTF-16", "UTF-8") == none || iconv_open("UTF-8", "UTF-16") == none) { return false; }
    vaani_pdf_state state;
    vaani_pdf *pdf = vaani_pdf_open(sample, sizeof sample - 1, &state);
    if (!pdf) { return false; }
    size_t length;
    const bool has_page = vaani_pdf_page_text(pdf, 0, &length) != nullptr;
    vaani_pdf_close(pdf);
    return has_page && utf8(poppler::ustring::from_utf8("\xE0\xA4\x95", 3)) == "\xE0\xA4\x95";
}

vaani_pdf *vaani_pdf_open(const char *bytes, size_t length, vaani_pdf_state *state) {
    *state = vaani_pdf_damaged;
    if (length > INT_MAX) { return nullptr; }
    try {
        std::unique_ptr<poppler::document> document(
            poppler::document::load_from_raw_data(bytes, static_cast<int>(length)));
        if (!document) { return nullptr; }
        if (document->is_locked()) {
            *state = vaani_pdf_locked;
            return nullptr;
        }
        *state = vaani_pdf_whole;
        return new vaani_pdf{std::move(document), {}};
    } catch (...) {
        return nullptr;
    }
}

int vaani_pdf_page_count(const vaani_pdf *pdf) { return pdf->document->pages(); }

const char *vaani_pdf_page_text(vaani_pdf *pdf, int number, size_t *length) {
    try {
        const std::unique_ptr<poppler::page> page(pdf->document->create_page(number));
        if (!page) { return nullptr; }
        pdf->text = utf8(page->text());
        *length = pdf->text.size();
        return pdf->text.c_str();
    } catch (...) {
        return nullptr;
    }
}

void vaani_pdf_close(vaani_pdf *pdf) { delete pdf; }
