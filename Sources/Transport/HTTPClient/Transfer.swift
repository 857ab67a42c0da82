import CCurl

/// One handle of the library, set up for one request. Confined to the client's thread.
final class Transfer {
    let exchange: Exchange
    let handle: UnsafeMutableRawPointer
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var addresses: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    private var head: ResponseHeadReader

    /// - Parameters:
    ///   - addresses: numeric addresses of `dialled`; empty where it is one itself.
    ///   - dialled: the server or its proxy.
    init?(
        _ exchange: Exchange, dialled: HTTPURL, addresses: [String], configuration: HTTPClientConfiguration
    ) {
        guard let handle = curl_easy_init() else { return nil }
        self.exchange = exchange
        self.handle = handle
        self.errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        self.errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        self.head = ResponseHeadReader(limit: configuration.maxHeadBytes)
        vaani_curl_set_error_buffer(handle, self.errorText)
        vaani_curl_set_sinks(handle, headSink, bodySink, Unmanaged.passUnretained(self).toOpaque())
        self.setPlace(dialled, addresses, configuration)
        self.setTrust(configuration)
        self.setTimes(configuration)
        self.setRequest(exchange.request, configuration)
    }

    deinit {
        curl_easy_cleanup(self.handle)
        curl_slist_free_all(self.fields)
        curl_slist_free_all(self.addresses)
        self.errorText.deallocate()
    }

    private func setPlace(_ dialled: HTTPURL, _ addresses: [String], _ configuration: HTTPClientConfiguration) {
        self.set(CURLOPT_URL, self.exchange.url.text)
        self.set(CURLOPT_PROTOCOLS_STR, "http,https")
        // An empty proxy is none, whatever the environment says.
        self.set(CURLOPT_PROXY, configuration.proxy ?? "")
        self.set(CURLOPT_NOPROXY, "")
        self.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        self.set(CURLOPT_NOSIGNAL, 1)
        self.set(CURLOPT_TCP_KEEPALIVE, 1)
        guard !addresses.isEmpty else { return }
        let list = addresses.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
        self.addresses = curl_slist_append(nil, "+\(dialled.host):\(dialled.port):\(list)")
        vaani_curl_set_list(self.handle, CURLOPT_RESOLVE, self.addresses)
    }

    private func setTrust(_ configuration: HTTPClientConfiguration) {
        self.set(CURLOPT_SSL_VERIFYPEER, 1)
        self.set(CURLOPT_SSL_VERIFYHOST, 2)
        self.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        guard let file = configuration.certificateAuthorityFile else { return }
        self.set(CURLOPT_CAINFO, file)
        // Else the system's directory would be believed as well.
        vaani_curl_set_text(self.handle, CURLOPT_CAPATH, nil)
    }

    private func setTimes(_ configuration: HTTPClientConfiguration) {
        let left = self.exchange.deadline - .now
        self.set(CURLOPT_TIMEOUT_MS, left.wholeMilliseconds)
        self.set(CURLOPT_CONNECTTIMEOUT_MS, min(left, self.exchange.connectTimeout).wholeMilliseconds)
        let slow = self.exchange.request.slowTimeout ?? configuration.slowTimeout
        self.set(CURLOPT_LOW_SPEED_LIMIT, configuration.minBytesPerSecond)
        self.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(slow / .seconds(1))))
        let limit = self.exchange.request.maxResponseBytes ?? configuration.maxResponseBytes
        vaani_curl_set_offset(self.handle, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(limit))
    }

    private func setRequest(_ request: HTTPClientRequest, _ configuration: HTTPClientConfiguration) {
        self.set(CURLOPT_USERAGENT, configuration.userAgent)
        self.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
        var fields = request.headers
        switch request.body {
        case .none: if !["GET", "HEAD"].contains(request.method) { self.setBody([]) }
        case .bytes(let bytes): self.setBody(bytes)
        case .form(let form):
            self.setBody(form.encoded)
            fields.removeAll { $0.0.lowercased() == "content-type" }
            fields.append(("Content-Type", form.contentType))
        }
        if request.method == "HEAD" { self.set(CURLOPT_NOBODY, 1) }
        self.set(CURLOPT_CUSTOMREQUEST, request.method)
        // No pause before a body, and no type that nobody named.
        self.fields = curl_slist_append(nil, "Expect:")
        if !fields.contains(where: { $0.0.lowercased() == "content-type" }) {
            self.fields = curl_slist_append(self.fields, "Content-Type:")
        }
        for (name, value) in fields {
            self.fields = curl_slist_append(self.fields, value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        vaani_curl_set_list(self.handle, CURLOPT_HTTPHEADER, self.fields)
    }

    private func setBody(_ bytes: [UInt8]) {
        self.set(CURLOPT_POST, 1)
        vaani_curl_set_offset(self.handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        _ =
            bytes.isEmpty
            ? vaani_curl_set_body(self.handle, "")
            : bytes.withUnsafeBytes { vaani_curl_set_body(self.handle, $0.baseAddress) }
    }

    private func set(_ option: CURLoption, _ value: Int) { vaani_curl_set_long(self.handle, option, value) }
    private func set(_ option: CURLoption, _ value: String) { vaani_curl_set_text(self.handle, option, value) }

    // MARK: What comes

    /// How many of the bytes are taken; another number ends the transfer.
    fileprivate func headLine(_ line: UnsafeRawBufferPointer) -> Int {
        switch self.head.take(line) {
        case .more: break
        case .whole(let head): self.exchange.headCame(head)
        case .tooLarge:
            self.exchange.finish(
                HTTPClientError(.tooLarge, "\(self.exchange.url.place): the head of the answer exceeds its limit"))
            return 0
        }
        return line.count
    }

    fileprivate func body(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch self.exchange.bytesCame(bytes) {
        case .taken: bytes.count
        case .full: vaani_curl_pause()
        case .over: 0
        }
    }

    /// What the library's verdict means; nil for success.
    func error(_ code: CURLcode) -> HTTPClientError? {
        guard code != CURLE_OK else { return nil }
        let own = String(cString: self.errorText)
        let text = own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
        let (kind, isRetriable) = Self.kind(code)
        // The library's own words tell hosts and certificates apart; those about an answer may quote the peer.
        let words = kind == .protocol ? String(cString: curl_easy_strerror(code)) : text
        return HTTPClientError(
            kind, "\(self.exchange.url.place): \(words)", isRetriable: isRetriable, status: self.exchange.status)
    }

    private static func kind(_ code: CURLcode) -> (HTTPClientError.Code, isRetriable: Bool) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: (.dns, true)
        case CURLE_COULDNT_CONNECT: (.connect, true)
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: (.connectionLost, true)
        case CURLE_OPERATION_TIMEDOUT: (.timeout, true)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            (.tls, false)
        case CURLE_FILESIZE_EXCEEDED: (.tooLarge, false)
        default: (.protocol, false)
        }
    }
}

private let headSink: vaani_curl_sink = { bytes, size, count, owner in
    guard let owner else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue().headLine(line)
}

private let bodySink: vaani_curl_sink = { bytes, size, count, owner in
    guard let owner else { return 0 }
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue().body(piece)
}

extension Duration {
    /// At least 1: to the library 0 is for ever.
    fileprivate var wholeMilliseconds: Int { max(1, Int(self / .milliseconds(1))) }
}
