"""Starts `vaani provider-double`, which stands for the cloud of the personas' provider, and tells it what to do."""

import asyncio
import json
import os
import pathlib
import signal
import urllib.error
import urllib.request

from gateway import BUILD, ROOT, free_port

KEY = "tvs-canary-0123456789abcdef"


class ProviderDouble:
    """`async with ProviderDouble("--status", "spec") as provider:`; `provider.environment` names it to a gateway."""

    def __init__(self, *arguments, key=KEY, port=None):
        self.arguments, self.key, self.port = arguments, key, port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.stop()

    async def start(self):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("VAANI_")}
        self.process = await asyncio.create_subprocess_exec(
            str(BUILD / "vaani"), "provider-double", "--listen", f"127.0.0.1:{self.port}", *self.arguments, cwd=ROOT,
            env={**environment, "VAANI_DOUBLE_KEY": self.key}, stdout=asyncio.subprocess.PIPE)
        self.banner = (await asyncio.wait_for(self.process.stdout.readline(), 20)).decode()
        assert "double" in self.banner, self.banner

    async def stop(self):
        """Away, as a cloud that cannot be reached; what it had is forgotten."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(self.process.wait(), 10)

    def call(self, method, path, body=None, key=None):
        """Status, headers and document of an answer."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"x-api-key": key} if key else {}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                status, heads, text = reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as refusal:
            status, heads, text = refusal.code, refusal.headers, refusal.read()
        return status, heads, json.loads(text) if text else None

    async def order(self, path="", body=None, method=None):
        """Says something to the double itself."""
        status, _, document = await asyncio.to_thread(
            self.call, method or ("GET" if body is None else "POST"), f"/__double{path}", body)
        assert status == 200, document
        return document

    async def fault(self, path="/v2/personas", **rule):
        return await self.order("/faults", {"path": path, **rule})

    async def heal(self):
        return await self.order("/faults", method="DELETE")

    async def advance(self, seconds):
        return await self.order("/clock", {"advance": seconds})

    async def requests(self, method="", path="*", keys=False):
        """What came, of one method and path, oldest first."""
        query = f"?path={path}" + (f"&method={method}" if method else "") + ("&keys=shown" if keys else "")
        return (await self.order(f"/requests{query}"))["requests"]

    async def creations(self):
        return await self.requests("POST", "/v2/personas")

    async def personas(self):
        """Everything that users made there, as the provider's own list tells it."""
        _, _, document = await asyncio.to_thread(
            self.call, "GET", "/v2/personas?persona_type=user&limit=100", None, self.key)
        return list(reversed(document["data"]))

    @property
    def environment(self):
        return {"VAANI_PROVIDER_URL": self.url, "VAANI_PROVIDER_KEY": self.key}
