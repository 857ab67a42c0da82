"""What jobs cost, and whom they hold up: memory, readers that stall, a model that stalls. Called by prove.py."""

import asyncio
import contextlib
import pathlib
import sqlite3
import time

MB = 1 << 20


def resident(gateway):
    """Bytes of memory that the program has."""
    status = pathlib.Path(f"/proc/{gateway.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1_024


def percentile(values, part):
    return sorted(values)[int(len(values) * part)]


async def peak(gateway, task):
    """The most memory that the program has until a task is over."""
    most = 0
    while not task.done():
        most = max(most, resident(gateway))
        await asyncio.sleep(0.02)
    return most


async def fifty_personas(gateway, client, double, tools):
    """S3-37: the second job of fifty takes no more than the first left behind."""
    template_id = await tools.template(client, tools.document)
    double.latency = 0
    ids = [one["id"] for _ in range(3) for one in await tools.people(client, template_id, 17)][:50]
    double.latency = 0.02
    growth = []
    for _ in range(3):
        before = resident(gateway)
        job = (await tools.begin(client, template_id, ids))["job_id"]
        growth.append(await peak(gateway, asyncio.create_task(tools.listen(client, job))) - before)
    tools.prove("S3-37", "fifty personas again need no more memory", growth[-1] < 8 * MB,
                f"at most {growth[-1] / MB:.1f} MB more during the third job of fifty, of {resident(gateway) / MB:.0f} MB")


async def jobs(gateway, client, tools, count):
    template_id = await tools.template(client, tools.document)
    [persona] = await tools.people(client, template_id, 1)
    last = None
    for _ in range(count // 20):
        begun = await asyncio.gather(*(tools.begin(client, template_id, [persona["id"]]) for _ in range(20)))
        last = begun[-1]["job_id"]
        await tools.listen(client, last)
    return last


async def hundred_jobs(client, double, tools):
    """S3-3, S3-4: jobs that run together, of each of which only its own listener hears."""
    template_id = await tools.template(client, tools.document)
    double.latency = 0
    ids = [one["id"] for _ in range(5) for one in await tools.people(client, template_id, 20)]
    double.latency = 0.2
    begun = await asyncio.gather(*(tools.begin(client, template_id, [one]) for one in ids))
    stories = await asyncio.gather(*(tools.listen(client, job["job_id"]) for job in begun))
    heard = [{event[-1]["persona_id"] for event in story if "persona_id" in event[-1]} for story in stories]
    tools.prove("S3-4", "a hundred jobs at once, none of which hears of another", heard == [{one} for one in ids])
    states = [(await client.get(f"/scenario/v2/job-status/{job['job_id']}")).json() for job in begun]
    tools.prove("S3-3", "each of them shows its own personas alone",
                [set(state["persona_progress"]) for state in states] == [{one} for one in ids])


def rows(gateway):
    """Of all jobs, in the database."""
    path = pathlib.Path(gateway.folder.name) / "studio.sqlite"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return sum(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                   for table in ["jobs", "job_items", "job_events"])


async def forgotten(gateway, seconds=10):
    """Waits until no job is left."""
    deadline = time.monotonic() + seconds
    while rows(gateway) > 0:
        assert time.monotonic() < deadline, f"{rows(gateway)} rows are left"
        await asyncio.sleep(0.1)


async def thousand_jobs(gateway, client, tools):
    """S3-45: after their time nothing is left of them, in the database or in memory."""
    await jobs(gateway, client, tools, 200)
    await forgotten(gateway)
    before = resident(gateway)
    began = time.monotonic()
    last = await jobs(gateway, client, tools, 1_000)
    took = time.monotonic() - began
    await forgotten(gateway)
    reply = await client.get(f"/scenario/v2/job-status/{last}")
    more = resident(gateway) - before
    tools.prove("S3-45", "a thousand jobs leave no row and no memory", reply.status_code == 404 and more < 8 * MB,
                f"{took:.1f} s, {more / MB:+.1f} MB")


async def stalled_reader(gateway, client, double, tools):
    """S3-20: clients that read nothing of megabytes, beside one who is told each event at once."""
    template_id = await tools.template(client, tools.document)
    data = (await client.get(f"/scenario/templates/{template_id}")).json()["template_data"]
    await client.put(f"/scenario/templates/{template_id}", json={"template_data": {**data, "notes": "x" * 900_000}})
    double.latency = 0
    ids = [one["id"] for one in await tools.people(client, template_id, 16)]
    double.latency = 0.4
    already = len(double.answered)
    job = (await tools.begin(client, template_id, ids))["job_id"]
    before, stalled = resident(gateway), []
    request = f"GET /scenario/v2/prompt-generation-status/{job} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1_024)
        writer.write(request)
        writer.transport.pause_reading()
        stalled.append(writer)
    events = await tools.listen(client, job)
    told = [event[0] for event in events if event[-1].get("status") == "completed" and "persona_id" in event[-1]]
    delays = [moment - answer for moment, answer in zip(told, sorted(double.answered[already:]))]
    more = resident(gateway) - before
    for writer in stalled:
        writer.transport.abort()
    tools.prove("S3-20", "fifty readers who stall hold up nobody",
                len(told) == 16 and percentile(delays, 0.5) < 0.05,
                f"half of the events reach the other within {percentile(delays, 0.5) * 1000:.0f} ms, all within "
                f"{max(delays) * 1000:.0f} ms; {more / MB:.0f} MB for 50 times {900_000 / MB:.1f} MB")


async def stalled_model(gateway, client, double, tools, seconds):
    """S3-35: while a model says nothing, everything else is as quick as ever."""
    template_id = await tools.template(client, tools.document)
    double.latency = 0
    ids = [one["id"] for one in await tools.people(client, template_id, 16)]
    double.latency = seconds
    began = time.monotonic()
    job = (await tools.begin(client, template_id, ids))["job_id"]
    took = time.monotonic() - began
    tools.prove("S3-8", "a job begins at once while its model stalls", took < 0.2, f"{took * 1000:.0f} ms")
    health, voice = [], []
    end = time.monotonic() + seconds - 0.5
    async with gateway.connect("listener") as phone:
        while time.monotonic() < end:
            began = time.monotonic()
            assert (await client.get("/health")).status_code == 200
            health.append(time.monotonic() - began)
            began = time.monotonic()
            await phone.send(type="ping", t=1)
            await phone.until("pong")
            voice.append(time.monotonic() - began)
            await asyncio.sleep(0.01)
    state = (await client.get(f"/scenario/v2/job-status/{job}")).json()
    double.latency = 0
    worst = [percentile(health, 0.95), percentile(voice, 0.95)]
    tools.prove("S3-35", f"a model that stalls for {seconds} s holds up nobody",
                state["status"] == "processing" and max(worst) < 0.05,
                f"95 of 100 answers of /health within {worst[0] * 1000:.1f} ms, of a voice session within "
                f"{worst[1] * 1000:.1f} ms, of {len(health)}")


async def first_byte(gateway, job):
    """Seconds until curl has the first byte of a job's stream."""
    process = await asyncio.create_subprocess_exec(
        "curl", "-sN", "-m", "20", "-o", "/dev/null", "-w", "%{time_starttransfer}",
        gateway.url(f"/scenario/v2/prompt-generation-status/{job}"), stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return float(output)
