// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is compiled alike: Swift 6 rules, and a warning fails the build.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// A C library of the system: a header, its link line and inline shims, no logic.
func systemLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    let subject: [Target.Dependency] = [.init(stringLiteral: name), "TestSupport"]
    return .testTarget(name: "\(name)Tests", dependencies: subject + dependencies, swiftSettings: strict)
}

let package = Package(
    name: "vaani",
    products: [
        .executable(name: "vaani", targets: ["vaani"]),
        .executable(name: "vaani-media", targets: ["vaani-media"]),
        .executable(name: "vaani-speech", targets: ["vaani-speech"]),
        .executable(name: "vaani-document", targets: ["vaani-document"]),
    ],
    targets: [
        // The system's C libraries.
        systemLibrary("CLibWebSockets", pkgConfig: "libwebsockets", apt: "libwebsockets-dev"),
        systemLibrary("COpus", pkgConfig: "opus", apt: "libopus-dev"),
        systemLibrary("CSoxr", pkgConfig: "soxr", apt: "libsoxr-dev"),
        systemLibrary("CSpeexDSP", pkgConfig: "speexdsp", apt: "libspeexdsp-dev"),
        systemLibrary("CFFmpeg", pkgConfig: "libavformat", apt: "libavformat-dev"),
        systemLibrary("CESpeakNG", pkgConfig: "espeak-ng", apt: "libespeak-ng-dev"),
        systemLibrary("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        systemLibrary("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        systemLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        systemLibrary("CTLS", pkgConfig: "libssl", apt: "libssl-dev"),
        systemLibrary("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        systemLibrary("CZip", pkgConfig: "libzip", apt: "libzip-dev"),
        systemLibrary("CExpat", pkgConfig: "expat", apt: "libexpat1-dev"),
        systemLibrary("CPopplerCPP", pkgConfig: "poppler-cpp", apt: "libpoppler-cpp-dev"),
        .target(
            name: "CPDFText", dependencies: ["CPopplerCPP"],
            cxxSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),
        .target(name: "CByteRelay", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),
        .systemLibrary(name: "CLinux"),
        systemLibrary("CSeccomp", pkgConfig: "libseccomp", apt: "libseccomp-dev"),
        .target(name: "CHotPath", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),

        // What everything else speaks.
        library("JSON", ["CHotPath"]),
        library("YAML", ["CYAML", "JSON"]),
        library("Observability"),
        library("RealtimeProtocol", ["JSON"]),
        library("ClientProtocol", ["JSON"]),
        library("LanguageModels", ["JSON"]),

        // The rooms.
        library("Hashing", ["CCrypto"]),
        library("Personas", ["JSON", "Hashing"]),
        library("Studio", ["JSON", "LanguageModels", "Observability", "Personas"]),
        library("Interviews", ["Hashing", "JSON", "LanguageModels", "Observability", "Personas"]),
        library("Storage", ["CSQLite", "JSON", "Personas", "Studio"]),
        library("Audio", ["COpus", "CSoxr"]),
        library("Workers", ["CLinux", "CSeccomp", "Observability"]),
        library("Transport", ["CCurl", "CLibWebSockets", "CTLS", "Observability"]),
        library("Providers", ["JSON", "Observability", "Personas", "Studio", "Transport"]),
        library("Upstream", ["JSON", "LanguageModels", "RealtimeProtocol", "Audio", "Transport", "Observability"]),
        library(
            "Engine",
            [
                "JSON", "YAML", "LanguageModels", "RealtimeProtocol", "Audio", "CSpeexDSP", "Transport",
                "Observability",
            ]),
        library(
            "Sessions", ["JSON", "Hashing", "RealtimeProtocol", "ClientProtocol", "Personas", "Audio", "Observability"]),
        library(
            "Gateway",
            [
                "JSON", "RealtimeProtocol", "ClientProtocol", "Personas", "Sessions", "Studio", "Interviews", "Hashing",
                "Providers",
                "Transport",
                "Observability",
                "CCrypto",
            ]),
        library("Console", ["CCrypto", "Gateway", "Transport"], resources: [.embedInCode("Web")]),
        library("ProviderDouble", ["JSON", "Transport"]),
        library("LoadTest", ["CByteRelay", "Audio", "ClientProtocol", "JSON", "Transport", "Observability"]),

        // The programs.
        program("vaani-media", ["JSON", "Workers", "CFFmpeg"]),
        program("vaani-speech", ["JSON", "Workers", "CESpeakNG"]),
        program("vaani-document", ["JSON", "Workers", "CExpat", "CPDFText", "CZip"]),
        program(
            "vaani",
            [
                "JSON", "Observability", "RealtimeProtocol", "ClientProtocol", "Personas", "Audio", "Workers",
                "Transport", "LanguageModels", "Upstream", "Engine", "Sessions", "Gateway", "Console", "LoadTest",
                "Studio", "Storage", "Interviews", "Providers", "ProviderDouble",
            ]),

        // Their tests.
        .executableTarget(
            name: "echo-peer", dependencies: ["Transport", "Observability"], path: "Tests/EchoPeer",
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["Observability"], path: "Tests/TestSupport", swiftSettings: strict),
        .executableTarget(
            name: "worker-double", dependencies: ["Workers"], path: "Tests/WorkerDouble", swiftSettings: strict),
        tests(
            of: "Gateway",
            [
                "CCrypto", "ClientProtocol", "Interviews", "JSON", "Observability", "Personas", "Providers", "Sessions",
                "Storage",
                "Studio", "Transport",
            ]),
        tests(of: "Console", ["ClientProtocol", "Gateway", "Transport"]),
        tests(of: "vaani", ["JSON", "LoadTest", "Providers"]),
        tests(of: "vaani-media", ["JSON", "Observability", "Workers"]),
        tests(of: "vaani-document", ["JSON", "Observability", "Workers"]),
        tests(of: "JSON"),
        tests(of: "Studio", ["JSON", "LanguageModels", "Observability", "Personas"]),
        tests(of: "Storage", ["JSON", "Personas", "Studio"]),
        .executableTarget(
            name: "storage-writer", dependencies: ["Personas", "Storage", "Studio"], path: "Tests/StorageWriter",
            swiftSettings: strict),
        tests(of: "Interviews", ["JSON", "LanguageModels", "Observability"]),
        tests(
            of: "Providers",
            ["JSON", "Observability", "Personas", "ProviderDouble", "Storage", "Studio", "Transport"]),
        tests(of: "YAML", ["JSON"]),
        tests(of: "Personas", ["JSON"]),
        tests(of: "ClientProtocol", ["JSON"]),
        tests(
            of: "Sessions", ["Audio", "ClientProtocol", "JSON", "Observability", "Personas", "RealtimeProtocol"]),
        tests(of: "Observability"),
        tests(of: "Audio", ["COpus"]),
        tests(of: "Transport", ["Observability"]),
        tests(of: "RealtimeProtocol", ["JSON"]),
        tests(of: "Upstream", ["JSON", "LanguageModels", "Observability", "RealtimeProtocol", "Transport"]),
        tests(
            of: "Engine",
            ["Audio", "JSON", "LanguageModels", "YAML", "RealtimeProtocol", "Observability", "Transport", "Upstream"]),
        tests(of: "LoadTest", ["Audio", "ClientProtocol", "JSON", "Observability"]),
        tests(of: "ProviderDouble", ["JSON", "Transport"]),
        tests(of: "Workers", ["Observability", "worker-double", "vaani-speech"]),
    ],
    cxxLanguageStandard: .cxx17
)
