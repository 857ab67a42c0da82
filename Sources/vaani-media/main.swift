// Decodes AAC, MP4 and MP3 with FFmpeg, in a process of its own: the bytes are untrusted, and Debian's FFmpeg is GPL.
//
// Request: {"format": "m4a" | "mp3" | "adts", "max_seconds": 120, "max_expansion": 512}, a line feed, the file's bytes.
// Answer: {"sample_rate": 44100, "channels": 2}, then PCM16 LE, interleaved, in chunks of at most 64 KiB.
// Failure: "bad_audio: …", "unsupported_format: …" or "too_large: …" with a sentence; chunks that came before it are void.
import Workers

Decoder.prepareLibraries()

WorkerMain.serve(sandbox: Sandbox(maxMemoryBytes: 512 << 20)) { request, emit in
    try DecodeRequest(parsing: request).perform(emit)
}
