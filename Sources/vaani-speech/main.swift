// Speaks texts with espeak-ng, in a process of its own: espeak-ng is GPL, not thread-safe, and reads untrusted text.
//
// Request: {"text": …, "voice": "hi+f2", "rate": 160, "pitch": 55, "range": 60}; all but `text` may be left out.
// Answer: PCM16 LE, mono, 22,050 Hz, in chunks as they are made.
import Workers

let synthesizer = try Synthesizer()

// espeak-ng loads the data of a voice and of a language when they are first used.
WorkerMain.serve(sandbox: Sandbox(files: .readOnly, maxMemoryBytes: 512 << 20)) { request, emit in
    try synthesizer.speak(SpeechCommand(parsing: request), emit)
}
