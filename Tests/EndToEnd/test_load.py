"""`vaani load` and `vaani bench` against the built program, with the program's own echo in the model's place."""

import asyncio
import json
import os
import signal
import subprocess

import pytest_asyncio

from gateway import BUILD, ROOT, TINA, MOHIT, Gateway, eventually, free_port, schema

DIALECTS = ["legacy", "json", "binary", "opus"]


class Echo:
    """The echo as a process of its own, by its URL."""

    def __init__(self):
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/v1/realtime"

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            str(BUILD / "vaani"), "bench", "--part", "echo", "--port", str(self.port), stdout=subprocess.PIPE)
        line = await asyncio.wait_for(self.process.stdout.readline(), 10)
        assert line.decode() == f"echo on port {self.port}\n"
        return self

    async def __aexit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self.process.wait(), 10) == 0


@pytest_asyncio.fixture
async def echo():
    async with Echo() as running:
        yield running


async def load(gateway, *arguments, seconds=60):
    """Exit status, standard output and standard error."""
    process = await asyncio.create_subprocess_exec(
        str(BUILD / "vaani"), "load", "--url", f"ws://127.0.0.1:{gateway.port}", *arguments, cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith(("VAANI_", "OPENAI_"))},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output = await asyncio.wait_for(process.communicate(), seconds)
    return process.returncode, *(text.decode() for text in output)


async def test_eight_users_of_each_dialect(echo, tmp_path):
    async with Gateway(upstream=echo) as gateway:
        status, table, progress = await load(
            gateway, "--users", "32", "--ramp", "32", "--duration", "3s", "--dialect",
            ",".join(f"{dialect}=1" for dialect in DIALECTS), "--json", str(tmp_path / "report.json"), "--html",
            str(tmp_path / "report.html"), "--slo", "connected=100%", "--slo", "errors=0")
        assert status == 0, table + progress
        report = json.loads((tmp_path / "report.json").read_text())
        schema("load-report").validate(report)
        measured = report["measured"]
        assert report["kept"] and measured["connected"] == 32 and measured["errors"] == {}
        assert sorted(measured["dialects"]) == sorted(DIALECTS)
        for dialect, figures in measured["dialects"].items():
            assert figures["added_ms"]["count"] > 0 and figures["chunks"]["heard"] > 0, dialect
        for dialect in ["json", "binary", "opus"]:
            # Three seconds of eight microphones with a chunk each 40 ms or 20 ms, less what a busy machine delays.
            assert measured["dialects"][dialect]["chunks"]["sent"] > 300
            assert measured["dialects"][dialect]["chunks"]["lost"] == 0, dialect
        for way in ["up_ms", "down_ms"]:
            assert measured["dialects"]["json"][way]["count"] > 0
        assert measured["dialects"]["opus"]["up_ms"] is None, "no stamp of the echo survives a lossy codec"
        assert measured["gateway"]["cpu_s"] > 0 and measured["generator"]["cpu_s"] > 0
        assert len(report["timeline"]) >= 4
        page = (tmp_path / "report.html").read_text()
        assert page.startswith("<!doctype html>") and "<svg" in page
        assert not any(outside in page for outside in ["http://", "https://", "src=", "<script", "url("])
        assert "32 of 32" in table
        # Plain lines in a pipe: nothing returns to the beginning of a line.
        assert "\r" not in progress and len(progress.splitlines()) >= 2
        await eventually_empty(gateway)


async def test_an_impossible_objective_is_missed(echo):
    async with Gateway(upstream=echo) as gateway:
        status, table, _ = await load(
            gateway, "--users", "4", "--duration", "1s", "--slo", "json.p99_added=1us", "--slo", "errors=0")
        assert status == 1, table
        assert "missed json.p99_added=1us" in table and "kept   errors=0" in table


async def test_barge_ins_switches_and_drops(echo, tmp_path):
    async with Gateway(upstream=echo) as gateway:
        status, table, _ = await load(
            gateway, "--users", "12", "--ramp", "12", "--duration", "6s", "--dialect", "json=1,binary=1,opus=1",
            "--talk-share", "0.6", "--barge-ins", "20", "--switches", "10", "--drops", "6", "--personas",
            f"{TINA},{MOHIT}", "--json", str(tmp_path / "report.json"))
        assert status == 0, table
        measured = json.loads((tmp_path / "report.json").read_text())["measured"]
        assert measured["barge_in_ms"]["count"] > 0 and measured["switch_ms"]["count"] > 0
        assert measured["connections"]["reopened"] > 0 and measured["connections"]["lost"] == 0
        assert measured["chunks"]["stale"] == 0, "nothing from before an interruption is heard after it"
        assert measured["errors"] == {}


async def test_the_knee_is_looked_for(echo, tmp_path):
    async with Gateway(upstream=echo, environment={"VAANI_MAX_SESSIONS": "5"}) as gateway:
        status, table, _ = await load(
            gateway, "--users", "8", "--duration", "500ms", "--find-knee", "--slo", "connected=100%", "--json",
            str(tmp_path / "report.json"), seconds=90)
        assert status == 0, table
        report = json.loads((tmp_path / "report.json").read_text())
        assert report["knee"] == {"users": 5}, table
        assert [step["users"] for step in report["steps"]] == [1, 2, 3, 4, 5, 6]
        assert any(code.startswith("http_") for code in report["steps"][-1]["errors"])


async def test_a_run_ends_by_its_deadline(echo):
    async with Gateway(upstream=echo) as gateway:
        status, table, _ = await load(
            gateway, "--users", "2", "--duration", "10m", "--deadline", "4s", "--slo", "errors=0", seconds=20)
        assert status == 1 and "ended early" in table


async def test_another_machine_is_not_put_under_load_by_accident(tmp_path):
    process = await asyncio.create_subprocess_exec(
        str(BUILD / "vaani"), "load", "--url", "ws://192.0.2.1:8000", stderr=subprocess.PIPE)
    _, complaint = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 64 and b"--allow-remote" in complaint


async def test_too_few_descriptors_are_said_at_once():
    process = await asyncio.create_subprocess_shell(
        f"ulimit -n 100; exec {BUILD / 'vaani'} load --users 1000", stderr=subprocess.PIPE)
    _, complaint = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 77 and b"1000 users need 1064 open files" in complaint


async def test_bench_compares_dialects_with_the_floor():
    process = await asyncio.create_subprocess_exec(
        str(BUILD / "vaani"), "bench", "--users", "4", "--seconds", "1", "--dialect", "all", cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith(("VAANI_", "OPENAI_"))},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    table, progress = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, progress
    rows = {line.split()[0]: line.split() for line in table.decode().splitlines()}
    for name in ["floor", *DIALECTS]:
        assert rows[name][1] == "4" and float(rows[name][2]) >= 0, table
    assert "Opus alone takes" in table.decode()


async def eventually_empty(gateway):
    """Everybody went home, and the gateway has noticed."""
    async def is_empty():
        return await gateway.metric("vaani_sessions_active") == 0

    await eventually(is_empty, "no session is left")
