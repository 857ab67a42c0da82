"""A client that keeps every byte that it is answered, and looks for secrets in all of them."""

import base64
import pathlib
import re

import httpx


class Witness:
    """`async with Witness(gateway) as client:`; like a gateway of the end-to-end tests, but nothing is forgotten."""

    def __init__(self, gateway):
        self.gateway, self.seen = gateway, []
        self.http = httpx.AsyncClient(base_url=gateway.url(""), timeout=30)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.http.aclose()

    async def ask(self, method, path, body=None, user="local", **options):
        reply = await self.http.request(method, path, json=body, headers={"X-Vaani-User": user}, **options)
        self.keep(f"{method} {path}", reply.headers, reply.content)
        return reply

    async def json(self, method, path, body=None, status=200, **options):
        reply = await self.ask(method, path, body, **options)
        assert reply.status_code == status, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    async def frames(self, path, enough):
        """The lines of a stream of events, until there are enough."""
        lines = []
        async with self.http.stream("GET", path, headers={"Accept": "text/event-stream"}) as reply:
            async for line in reply.aiter_lines():
                self.keep(f"SSE {path}", reply.headers, line.encode())
                lines.append(line)
                if enough(lines):
                    break
        return lines

    async def pages(self):
        """Every page and what it names: styles, scripts, worklets, pictures."""
        open_, done = ["/", "/console", "/openapi.json", "/metrics", "/readyz", "/healthz"], set()
        while open_:
            path = open_.pop()
            if path in done:
                continue
            done.add(path)
            reply = await self.ask("GET", path)
            if reply.status_code != 200 or not any(
                    kind in reply.headers.get("content-type", "") for kind in ["html", "javascript", "css"]):
                continue
            for name in re.findall(r'["\'(]([\w./-]+\.(?:js|css|svg|html))["\')]', reply.text):
                open_.append(str(httpx.URL(f"http://x{path}").join(name).path))
        return done

    def keep(self, what, headers, body):
        self.seen.append((what, b"\n".join(b"%s: %s" % pair for pair in headers.raw) + b"\n\n" + body))

    def folder(self, path):
        """Every file that the program keeps."""
        for file in pathlib.Path(path).rglob("*"):
            if file.is_file():
                self.seen.append((f"file {file.name}", file.read_bytes()))

    def finds(self, secret):
        """Where a secret is, as it is or in one of the clothes that it could wear."""
        plain = secret.encode()
        clothes = {plain, plain[:16], plain[::-1], plain.hex().encode()}
        # Base64 of it, wherever in a text it begins: the letters that do not depend on the neighbours.
        clothes |= {base64.b64encode(b"x" * shift + plain)[4 if shift else 0:-4] for shift in range(3)}
        everything = self.seen + [("log", self.gateway.logs.encode())]
        return [what for what, data in everything if any(one in data for one in clothes)]
