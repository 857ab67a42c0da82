// Reads the text of PDF and DOCX, in a process of its own: the bytes are untrusted, and Poppler is GPL.
//
// Request: {"kind": "PDF" | "DOCX", "max_text_bytes": 1048576}, a line feed, the file's bytes.
// Answer: UTF-8 in chunks; none where there is no text.
// Failure: "encrypted: …", "damaged: …", "too_long: …" or "unsupported: …" with a sentence; chunks that came before it
// are void.
import CPDFText
import Glibc
import Workers

guard vaani_pdf_prepare() else {
    let text = Array("this system's C library cannot convert UTF-16\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
    exit(EXIT_FAILURE)
}

WorkerMain.serve(sandbox: Sandbox(maxMemoryBytes: 512 << 20)) { request, emit in
    try ReadRequest(parsing: request).perform(emit)
}
