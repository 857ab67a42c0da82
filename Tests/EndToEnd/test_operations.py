"""Start, health, drain and stop, as an operator sees them."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import tempfile

import pytest
import websockets

from gateway import BUILD, ROOT, TINA, Gateway, eventually, free_port


def vaani(*arguments, environment=None, seconds=20):
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("VAANI_", "OPENAI_"))}
    with tempfile.TemporaryDirectory(prefix="vaani-data-") as folder:
        return subprocess.run(
            [str(BUILD / "vaani"), *arguments], env={**clean, "VAANI_DATA_DIR": folder, **(environment or {})}, cwd=ROOT,
            capture_output=True, text=True, timeout=seconds)


async def test_health_and_figures(gateway):
    assert (await gateway.get("/livez"))[0] == 200
    assert (await gateway.get("/readyz"))[0] == 200
    status, health = await gateway.get("/health")
    assert status == 200 and health["status"] == "healthy" and health["version"]
    status, report = await gateway.get("/api/status")
    assert status == 200 and "sessions" in report
    _, text = await gateway.get("/metrics")
    assert "# TYPE vaani_sessions_active gauge" in text
    status, body = await gateway.get("/no/such/path")
    assert status == 404 and body["code"] and body["error"] == body["message"] == body["detail"]
    assert (await gateway.get("/livez", "DELETE"))[0] == 405


async def test_the_key_is_shown_nowhere(gateway):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
    for path in ["/metrics", "/api/status", "/health", "/"]:
        assert "sk-canary" not in str(await gateway.get(path))
    printed = vaani("serve", "--print-config", environment={"VAANI_UPSTREAM_KEY": "sk-canary-0123456789"})
    assert "sk-canary" not in printed.stdout + printed.stderr


async def test_what_was_said_is_not_logged(gateway):
    async with gateway.connect("neha") as phone:
        await phone.greeted(TINA)
        await phone.send(type="text", text="born 1990-03-07 in Pune, canary-phrase")
        await phone.until("audio_response")
    assert "canary-phrase" not in gateway.logs and "1990-03-07" not in gateway.logs


async def test_sigterm_drains_live_sessions_with_1012_and_exit_status_0(double):
    async with Gateway(upstream=double) as gateway:
        phones = [gateway.connect(f"user-{number}") for number in range(5)]
        for phone in phones:
            await phone.__aenter__()
            await phone.greeted(TINA)
        gateway.process.send_signal(signal.SIGTERM)
        for phone in phones:
            with pytest.raises(websockets.exceptions.ConnectionClosed) as ended:
                while True:
                    await phone.receive(20)
            assert ended.value.rcvd.code == 1012
        assert await asyncio.wait_for(gateway.process.wait(), 20) == 0
        await eventually(lambda: not double.open, "no upstream is left")


async def test_a_second_signal_ends_it_at_once(double):
    double.faults.reply_ms, double.faults.delta_pause_s = 20_000, 0.2
    async with Gateway(upstream=double) as gateway, gateway.connect() as phone:
        await phone.choose(TINA)
        gateway.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        gateway.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(gateway.process.wait(), 4)


def test_a_taken_port_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = vaani("serve", environment={"VAANI_LISTEN": f"127.0.0.1:{taken.getsockname()[1]}"})
    assert ended.returncode not in {0, -11, -4, -5} and "use" in ended.stderr.lower(), ended


@pytest.mark.parametrize("environment, word", [
    ({"VAANI_PERSONAS": "/nonexistent"}, "/nonexistent"),
    ({"VAANI_LISTEN": "0.0.0.0:0"}, "loopback"),
    ({"VAANI_LISTEN": "nonsense"}, "listen"),
    ({"VAANI_MAX_CONNECTIONS": "-1"}, "connections"),
    ({"VAANI_NO_SUCH_OPTION": "1"}, "VAANI_NO_SUCH_OPTION"),
])
def test_a_wrong_setting_stops_the_start_and_is_named(environment, word):
    ended = vaani("serve", environment={"VAANI_LISTEN": f"127.0.0.1:{free_port()}", **environment})
    assert ended.returncode in {65, 69, 77, 78}, ended
    assert word.lower() in ended.stderr.lower() and "\tat " not in ended.stderr


async def test_a_token_opens_its_own_users_socket_alone_and_reaches_no_log(double, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(vaani("token", "--new-key", "k1").stdout)
    token = vaani("token", "--token-keys-file", str(keys), "--user", "neha").stdout.strip()
    environment = {"VAANI_AUTH": "token", "VAANI_TOKEN_KEYS_FILE": str(keys), "VAANI_LOG_LEVEL": "trace"}
    async with Gateway(upstream=double, environment=environment) as gateway:
        async with gateway.connect("neha", query=f"?token={token}") as phone:
            await phone.choose(TINA)
        for user, status in [("ravi", 403), ("neha", 401)]:
            query = f"?token={token}" if user == "ravi" else f"?token={token}x"
            with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
                async with gateway.connect(user, query=query):
                    pass
            assert refused.value.response.status_code == status
        assert (await gateway.get(f"/api/status?token={token}"))[0] == 200
        # The old key is gone after a reload, and so are its tokens.
        keys.write_text(vaani("token", "--new-key", "k2").stdout)
        gateway.process.send_signal(signal.SIGHUP)

        async def is_refused():
            return (await gateway.get(f"/api/status?token={token}"))[0] == 401

        await eventually(is_refused, "the old key is refused")
    assert token not in gateway.logs and token.split(".")[2] not in gateway.logs


@pytest.mark.parametrize("directory", ["/proc/vaani", "/dev/null/vaani"])
def test_a_data_directory_that_takes_nothing_is_told_in_one_line(directory):
    ended = vaani("serve", environment={"VAANI_LISTEN": f"127.0.0.1:{free_port()}", "VAANI_DATA_DIR": directory})
    assert ended.returncode == 73 and f"nothing can be kept in {directory}" in ended.stderr
    assert len([line for line in ended.stderr.splitlines() if "data_dir" in line]) == 1


def test_a_full_disk_is_told_in_one_line(tmp_path):
    """A file system of 64 KiB, where one may be made; a store that is being made needs more."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        (tmp_path / "filler").write_bytes(b"x" * 60_000)
        ended = vaani("serve", environment={"VAANI_LISTEN": f"127.0.0.1:{free_port()}", "VAANI_DATA_DIR": str(tmp_path)})
        assert ended.returncode == 73 and "full" in ended.stderr, ended.stderr
    finally:
        subprocess.run(["umount", tmp_path], check=True)



def test_check_accepts_what_ships_and_refuses_what_is_broken(tmp_path):
    from personas import personas_with

    assert vaani("check").returncode == 0
    broken = vaani("check", environment={"VAANI_PERSONAS": str(personas_with(tmp_path, broken={"language": 7}))})
    assert broken.returncode == 1 and "broken" in broken.stdout + broken.stderr


@pytest.mark.parametrize("arguments", [
    [], ["--help"], ["serve", "--help"], ["talk", "--help"], ["check", "--help"], ["explain", "4409"], ["explain", "bad_audio"],
])
def test_help_and_explanations_exit_with_0(arguments):
    told = vaani(*arguments)
    assert told.returncode in ({0} if arguments else {0, 64}) and told.stdout + told.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["explain", "12345"], ["talk", "--bogus"]])
def test_wrong_words_exit_with_64_and_say_so(arguments):
    told = vaani(*arguments)
    assert told.returncode in {1, 64} and told.stderr


async def test_descriptors_running_out_are_no_busy_loop(double):
    """Point 3 of what libwebsockets does alone: with 128 descriptors and 300 clients it must not spin."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (160, hard))
    try:
        running = Gateway(upstream=double)
        await running.__aenter__()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    sockets = []
    try:
        for _ in range(300):
            sockets.append(await asyncio.open_connection("127.0.0.1", running.port))
        before = cpu_seconds(running.process.pid)
        await asyncio.sleep(2)
        assert cpu_seconds(running.process.pid) - before < 0.5
        assert len(running.logs.splitlines()) < 200
    finally:
        for _, writer in sockets:
            writer.close()
    await eventually(running.is_ready, "it recovers")
    await running.__aexit__()


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_logs_are_json_lines_with_known_keys(gateway):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
    await asyncio.sleep(0.2)
    records = [json.loads(line) for line in gateway.output["stderr"].decode().splitlines()]
    assert any(record.get("session.id") for record in records)
    assert all({"time", "level", "message"} <= record.keys() for record in records)
