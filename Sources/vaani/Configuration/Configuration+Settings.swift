import Providers
import RealtimeProtocol
import Upstream

extension Configuration {
    /// Every setting, in the order of help. A flag outranks the environment, that a file, and that the default.
    static let settings: [Setting] = [
        .any("listen", \.listen, "HOST:PORT,…", "Addresses to listen on; port 0 picks a free one."),
        .any(
            "listen_shared", \.listenShared, "true|false",
            "Start also where another vaani of the same user has the port, to take over from it without a gap."),
        .choice(
            "auth", \.authentication,
            "Whether users prove who they are with a token; off is for loopback addresses alone."),
        .any(
            "token_keys_file", \.tokenKeysFile, "FILE",
            "Keys that tokens are signed with, see vaani token; or the systemd credential token-keys."),
        .any("token_issuer", \.tokenIssuer, "NAME", "The iss that a token must have."),
        .any("token_audience", \.tokenAudience, "NAME", "The aud that a token must have."),
        .any(
            "trusted_issuer", \.trustedIssuer, "NAME",
            "The iss of somebody else whose tokens are taken, such as the app's own sign-in; admin they cannot name."),
        .any("trusted_audience", \.trustedAudience, "NAME", "The aud that tokens of trusted_issuer must have."),
        .any(
            "trusted_keys_file", \.trustedKeysFile, "FILE",
            "Public keys of trusted_issuer: a JWK set with keys for RS256, ES256 or EdDSA."),
        .any("origins", \.origins, "URL,…", "Web origins whose pages may connect, besides this server's own."),
        .any("trusted_proxies", \.trustedProxies, "ADDRESS,…", "Proxies whose X-Forwarded-For is believed."),
        .any("tls_certificate", \.tlsCertificate, "FILE", "Certificate chain in PEM; serves https and wss."),
        .any("tls_key", \.tlsKey, "FILE", "Private key of the certificate, in PEM."),
        .any("personas", \.personas, "DIRECTORY", "Where the personas are; looked for nearby when not set."),
        .any(
            "data_dir", \.dataDirectory, "DIRECTORY",
            "Where scenarios and their like are kept; by default what systemd provides, else ~/.local/share/vaani."),
        .any(
            "personas_read_only", \.personasReadOnly, "true|false",
            "Whether interviews, and the personas that users make of them, can be read alone."),
        .any(
            "default_persona", \.defaultPersona, "ID",
            "Who answers a web page on /ws that names nobody; without one such a page is told to choose."),
        .any(
            "opening_hours", \.openingHours, "true|false", "Whether a persona can be reached in its hours alone."),
        .any(
            "greeting_cache", \.greetingCache, "off|memory|DIRECTORY",
            "Whether a greeting that was spoken once is played again; a directory keeps up to 32 MiB over restarts."),
        .choice(
            "opus_mode", \.opus.mode,
            "How replies are encoded for clients that take Opus: lowdelay costs least CPU, voip the fewest bits."),
        .within(
            "opus_complexity", \.opus.complexity, 0...10, "",
            "Care that libopus takes with it; beyond 0 it costs more than it can be heard."),
        .within(
            "opus_bitrate", \.opus.bitsPerSecond, 6_000...128_000, "bits a second",
            "Of Opus; lowdelay wants twice what voip needs for the same sound."),
        .within("loops", \.loops, 0...256, "loops", "Event loops, one thread each; 0 is one for each core."),

        .any(
            "upstream_url", \.upstreamURL, "URL",
            "Realtime model that answers, such as wss://api.openai.com/v1/realtime; the built-in engine when not set."),
        .any("upstream_model", \.upstreamModel, "NAME", "Model to ask the upstream for."),
        .any(
            "upstream_key_file", \.upstreamKeyFile, "FILE",
            "File with the upstream's key; else VAANI_UPSTREAM_KEY, OPENAI_API_KEY or the systemd credential upstream-key."
        ),
        .any(
            "upstream_ca_file", \.upstreamCAFile, "FILE", "Certificate authorities to trust for the upstream, in PEM."),
        .word(
            "upstream_dialect", \.upstreamDialect, RealtimeDialect.all.map(\.name),
            "What the upstream speaks: openai is the GA protocol, beta the older one."),
        .choice(
            "upstream_key_header", \.upstreamKeyHeader,
            "Header for the upstream's key: Authorization: Bearer, or api-key as for Azure."),
        .any(
            "upstream_fallback_url", \.upstreamFallbackURL, "URL", "Second upstream, where the first does not answer."),
        .any(
            "upstream_fallback_model", \.upstreamFallbackModel, "NAME",
            "Model to ask the second upstream for; upstream_model when not set."),
        .word(
            "upstream_fallback_dialect", \.upstreamFallbackDialect, [""] + RealtimeDialect.all.map(\.name),
            "What the second upstream speaks; as the first when not set."),
        .any(
            "upstream_fallback_key_file", \.upstreamFallbackKeyFile, "FILE",
            "File with the second upstream's key; else VAANI_UPSTREAM_FALLBACK_KEY or the systemd credential"
                + " upstream-fallback-key. The first one's key is never sent there."),
        .within(
            "upstream_pool", \.upstreamPool, 0...64, "",
            "Connections to the model that each event loop keeps ready for users to come; 0 dials when one comes."),
        .within(
            "upstream_pool_age", \.upstreamPoolAge, .seconds(5) ... .seconds(3_600), "",
            "Age at which a ready connection that nobody took is replaced."),
        .within(
            "upstream_session_limit", \.upstreamSessionLimit, .seconds(5) ... .seconds(86_400), "",
            "Life of a connection to the model, where the model does not say that it is less: before its end a"
                + " conversation moves to another one."),
        .any(
            "prices_file", \.pricesFile, "FILE",
            "Prices of models in JSON, for an estimate of what sessions cost; without it nothing is estimated."),
        .within(
            "upstream_setup_timeout", \.upstreamSetUpTimeout, .milliseconds(100) ... .seconds(60), "",
            "For the model to be reached and to accept a persona."),
        .within(
            "upstream_answer_timeout", \.upstreamAnswerTimeout, .milliseconds(100) ... .seconds(60), "",
            "For the model to begin an answer that it was asked for."),
        .within(
            "upstream_ping_interval", \.upstreamPingInterval, .milliseconds(100) ... .seconds(600), "",
            "Between two pings to a model that says nothing."),
        .within(
            "upstream_hang_up", \.upstreamHangUp, .milliseconds(200) ... .seconds(3_600), "",
            "Silence after which a model is dead, longer than upstream_ping_interval."),

        .choice(
            "engine_vad", \.engineVAD,
            "What the built-in engine takes for speech: what stands out of the room, or is no noise to libspeexdsp, or both."
        ),
        .any(
            "models_file", \.modelsFile, "FILE",
            "Language models in JSON: one that writes the built-in engine's replies, one that recognises speech."),

        .any(
            "provider_key_file", \.providerKeyFile, "FILE",
            "File with the key of a provider of video personas; else VAANI_PROVIDER_KEY, TAVUS_API_KEY or the systemd"
                + " credential provider-key. Without a key personas stay here."),
        .any("provider_url", \.providerURL, "URL", "The provider's API, without a version."),
        .any(
            "provider_unencrypted_key", \.providerUnencryptedKey, "true|false",
            "Whether the key may go to another machine over http."),
        .any(
            "provider_ca_file", \.providerCAFile, "FILE", "Certificate authorities to trust for the provider, in PEM."),
        .word(
            "provider_profile", \.providerProfile, ProviderProfile.all.map(\.name),
            "Names of the provider's API: pals are those of 2026, with which each persona needs a replica."),
        .within(
            "provider_timeout", \.providerTimeout, .milliseconds(100) ... .seconds(60), "",
            "For one call of the provider, all pages of a list included; apps give up after 10s."),
        .any(
            "provider_default_replica", \.providerDefaultReplica, "ID",
            "Replica of personas that name none; by default none."),
        .any(
            "provider_invert_pause", \.providerInvertPause, "true|false",
            "Whether a high participant_pause_sensitivity is sent as a low turn_taking_patience, not a high one."),
        .any(
            "provider_voices_path", \.providerVoicesPath, "PATH",
            "Where the provider makes voices of recordings; no profile knows a place, and without one it is disabled."),
        .within(
            "provider_poll_first", \.providerPollFirst, .milliseconds(10) ... .seconds(60), "",
            "Until the first look at a persona that the provider makes, and the first pause after a failure; then twice"
                + " as long each time."),
        .within(
            "provider_poll_longest", \.providerPollLongest, .milliseconds(10) ... .seconds(3_600), "",
            "Longest pause between two looks; twice that between two attempts."),
        .within(
            "provider_polls", \.providerPolls, 1...100_000, "looks",
            "After which a persona that is not ready has failed."),
        .within(
            "provider_attempts", \.providerAttempts, 1...100, "attempts",
            "After which a persona that the provider does not take has failed."),
        .within(
            "creations_per_hour", \.creationsPerHour, 0...1_000_000, "",
            "Personas that one user may have made at the provider in an hour, 0 for any number; more are told 429."),

        .within("max_sessions", \.maxSessions, 1...1_000_000, "", "Voice sessions at one time; more are told 503."),
        .within(
            "max_sessions_per_user", \.maxSessionsPerUser, 1...1_000, "",
            "Sessions of one user on web pages; a phone's new connection replaces its old one."),
        .within(
            "max_connections", \.maxConnections, 1...1_000_000, "", "Connections of any kind; more are told 503."),
        .within(
            "max_handshakes", \.maxHandshakes, 0...1_000_000, "",
            "Handshakes from one address in 10 s, 0 for any number; this machine itself is not counted."),
        .within(
            "max_messages_per_second", \.maxMessagesPerSecond, 10...100_000, "",
            "Messages a second from one client, with a burst of twice as many; more ends the session with 4429."),
        .within(
            "max_message_bytes", \.maxMessageBytes, .kibibytes(64) ... .mebibytes(64), "",
            "Largest message from a client; a phone's two minutes of audio are 2.6 MiB."),
        .within(
            "max_queued_bytes", \.maxQueuedBytes, .kibibytes(256) ... .mebibytes(256), "",
            "Largest queue to a client that reads slowly."),

        .within(
            "handshake_timeout", \.handshakeTimeout, .milliseconds(100) ... .seconds(60), "",
            "For a client to send its request."),
        .within(
            "ping_interval", \.pingInterval, .seconds(1) ... .seconds(600), "", "Between two pings to a quiet client."),
        .within(
            "hang_up", \.hangUp, .seconds(2) ... .seconds(3_600), "", "Silence after which a client is dead."),
        .within(
            "resume_grace", \.resumeGrace, .seconds(0) ... .seconds(3_600), "",
            "For which a conversation waits for a client whose connection was lost; 0 ends it at once."),
        .within(
            "idle_nudge", \.idleNudge, .seconds(0) ... .seconds(3_600), "",
            "Silence after which a persona asks a streaming client once whether it is still there; 0 never asks."),
        .within(
            "drain_timeout", \.drainTimeout, .seconds(0) ... .seconds(3_600), "",
            "For sessions to end after SIGTERM, before they are cut off."),

        .within(
            "job_personas_at_once", \.jobPersonasAtOnce, 1...64, "personas",
            "Prompts of one job that are written at the same time; four times as many of all jobs together."),
        .within(
            "job_lifetime", \.jobLifetime, .seconds(1) ... .seconds(604_800), "",
            "For which a job that is over can still be read."),
        .within(
            "job_keep_alive", \.jobKeepAlive, .seconds(1) ... .seconds(300), "",
            "Silence on a job's stream of events after which a comment shows that it lives."),
        .choice(
            "final_prompts", \.finalPrompts,
            "The deprecated POST /generate-final-prompts: served, or redirected to the present version."),
        .within(
            "model_calls_per_minute", \.modelCallsPerMinute, 0...1_000_000, "",
            "Calls of language models for generated personas, of all users; more wait. 0 for any number."),
        .within(
            "model_calls_per_user", \.modelCallsPerUser, 0...1_000_000, "",
            "The same of one user in a minute; more wait. 0 for any number."),
        .any(
            "locale_context", \.localeContext, "PLACE",
            "Where generated personas live and what is usual there."),

        .any(
            "workers_directory", \.workersDirectory, "DIRECTORY",
            "Where the helper programs are; beside vaani by default."),
        .within("media_workers", \.mediaWorkers, 1...64, "processes", "Helpers that decode phones' audio."),
        .within("speech_workers", \.speechWorkers, 1...64, "processes", "Helpers that speak for the built-in engine."),

        .choice("log_level", \.logLevel, "Least important records that are logged."),
        .choice("log_format", \.logFormat, "Log lines on standard error; auto is pretty on a terminal, else JSON."),
    ]
}
