#pragma once
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// The text of PDFs, with Poppler, whose own interface is C++. For one thread.

/// An open document.
typedef struct vaani_pdf vaani_pdf;

typedef enum {
    vaani_pdf_whole,
    /// No PDF, or one that cannot be repaired.
    vaani_pdf_damaged,
    /// It opens with a password alone.
    vaani_pdf_locked,
} vaani_pdf_state;

/// Loads what Poppler loads on first use, and keeps it, so that no file is needed afterwards; silences its messages,
/// which quote documents.
/// Returns false where the system lacks what text needs.
bool vaani_pdf_prepare(void);

/// Opens a document; NULL where `state` says why not. The bytes are borrowed until it is closed.
vaani_pdf *vaani_pdf_open(const char *bytes, size_t length, vaani_pdf_state *state);

int vaani_pdf_page_count(const vaani_pdf *pdf);

/// The text of a page, in UTF-8, the lines in the order in which they are read; NULL for a damaged page.
/// It is the document's until the next call for a page.
const char *vaani_pdf_page_text(vaani_pdf *pdf, int page, size_t *length);

void vaani_pdf_close(vaani_pdf *pdf);

#ifdef __cplusplus
}
#endif
