"""A model that does what a fault script says: `vaani engine --script`."""

import asyncio
import pathlib
import signal

from gateway import BUILD, ROOT, eventually, free_port

FOLDER = pathlib.Path(__file__).parent / "faults"


class ScriptedModel:
    """`async with ScriptedModel(file) as model:`; leaving it asks how the script went, and fails unless it went well."""

    def __init__(self, file):
        self.file = file
        self.port = free_port()
        self.output = bytearray()

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            str(BUILD / "vaani"), "engine", "--script", str(self.file), "--listen", f"127.0.0.1:{self.port}",
            "--loops", "1", cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        self.reader = asyncio.create_task(self.read())
        await eventually(lambda: b"Realtime engine at" in self.output or self.process.returncode is not None,
                         "the scripted model listens", seconds=20)
        assert self.process.returncode is None, self.report
        return self

    async def __aexit__(self, kind, *_):
        if kind is None:
            # The last connection may still be on its way out.
            try:
                await asyncio.wait_for(self.process.wait(), 3)
            except TimeoutError:
                pass
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(self.process.wait(), 15)
        await self.reader
        if kind is None:
            assert self.process.returncode == 0, self.report

    async def read(self):
        while piece := await self.process.stdout.read(65_536):
            self.output += piece

    @property
    def report(self):
        """What it said last: how the script went."""
        return self.output.decode(errors="replace")
