"""Shows with clients that others wrote (curl -N, httpx, httpx-sse) what personas out of scenarios are promised to do, with the
embedded model and with a double of a language model, and prints the ids of what it proved. With --whole the model stalls for
the whole 60 s of S3-35; without it, for 5 s."""

import asyncio
import contextlib
import json
import pathlib
import sys
import time
import types

import httpx
import httpx_sse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "EndToEnd"))

import endurance  # noqa: E402
from chat_double import ChatDouble  # noqa: E402
from gateway import Gateway  # noqa: E402
from test_generation import SCENES  # noqa: E402

LISTENERS = 200
STALL = 60 if "--whole" in sys.argv else 5
proved = []


def prove(identifier, what, holds, detail=""):
    assert holds, f"{identifier} {what}: {detail}"
    proved.append(identifier)
    print(f"  {identifier:6} {what}{f' ({detail})' if detail else ''}")


async def template(client, document):
    files = {"scenario_document": ("scenario.md", document.encode(), "text/markdown")}
    reply = await client.post("/analyze-scenario-enhanced", files=files, data={"template_name": "Scenario"})
    assert reply.status_code == 200, reply.text
    return reply.json()["template_id"]


async def people(client, template_id, count):
    body = {"template_id": template_id, "persona_type": "assess_mode_character", "count": count}
    reply = await client.post("/scenario/generate-personas", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()["personas"]


async def begin(client, template_id, ids):
    body = {"template_id": template_id, "persona_ids": ids, "mode_mapping": {}}
    # As the page that it was written for sends it: without a content type of JSON.
    reply = await client.post("/scenario/v2/generate-final-prompts", content=json.dumps(body),
                              headers={"content-type": "text/plain"})
    assert reply.status_code == 200, reply.text
    return reply.json()


async def listen(client, job):
    """What an EventSource hears, with the moment of each event."""
    events = []
    path = f"/scenario/v2/prompt-generation-status/{job}"
    async with httpx_sse.aconnect_sse(client, "GET", path) as source:
        async for event in source.aiter_sse():
            assert event.event == "message"
            events.append((time.monotonic(), int(event.id), json.loads(event.data)))
    return events


async def curl(gateway, job):
    """The lines that curl -N prints, with the moment of each."""
    process = await asyncio.create_subprocess_exec(
        "curl", "-sN", gateway.url(f"/scenario/v2/prompt-generation-status/{job}"), stdout=asyncio.subprocess.PIPE,
        limit=8 << 20)
    lines = [(time.monotonic(), json.loads(line[6:])) async for line in process.stdout if line.startswith(b"data: ")]
    assert await process.wait() == 0
    return lines


async def scenes(client):
    sets = []
    for identifier, (document, expected) in SCENES.items():
        [persona] = await people(client, await template(client, document), 1)
        chosen = persona["detail_categories_included"]
        prove(identifier, "the details that matter", expected <= set(chosen), ", ".join(chosen))
        sets.append(set(chosen))
    prove("S1-74", "no two scenarios have the same details", all(sets.count(one) == 1 and 3 <= len(one) <= 8 for one in sets))


async def manual_flow(gateway, client):
    template_id = await template(client, SCENES["S1-70"][0])
    ids = [persona["id"] for persona in await people(client, template_id, 3)]
    began = time.monotonic()
    job = await begin(client, template_id, ids)
    prove("S3-8", "a job begins at once", time.monotonic() - began < 0.2, f"{time.monotonic() - began:.3f} s")
    heard, seen = await asyncio.gather(listen(client, job["job_id"]), curl(gateway, job["job_id"]))
    prove("S3-18", "an EventSource needs no named events", [e for *_, e in heard] == [e for _, e in seen])
    prove("S3-17", "the results come last", heard[-1][2]["type"] == "results")
    shown = (await client.get(f"/persona/{ids[0]}")).json()
    length = heard[-1][2]["results"]["personas"][ids[0]]["prompt_length"]
    prove("S3-16", "the length is the prompt's", len(shown["prompt"]) == length, str(length))
    prove("S1-74", "a prompt without braces", not set("{}") & set(shown["prompt"]))
    again = await client.get(job["sse_endpoint"], headers={"last-event-id": str(heard[-1][1])})
    prove("S3-22", "a stream that was read to its end is over", again.status_code == 204)
    body = {"mode": "try_mode", "persona_id": ids[0]}
    made = await client.post("/avatar-interactions", json=body)
    prove("S3-42", "from the document to the interaction", made.status_code == 201)


async def speed(client, double):
    double.latency = 1
    template_id = await template(client, "# Something else\nSomebody wants something.")
    began = time.monotonic()
    [persona] = await people(client, template_id, 1)
    took = time.monotonic() - began
    prove("S1-44", "a persona of six categories, a second for each call",
          len(persona["detail_categories"]) == 6 and took < 2.5, f"{took:.2f} s")
    double.latency = 0
    ids = [one["id"] for _ in range(3) for one in await people(client, template_id, 17)][:50]
    double.latency, double.most_busy = 1, 0
    began = time.monotonic()
    job = await begin(client, template_id, ids)
    events = await listen(client, job["job_id"])
    prove("S3-37", "fifty personas, eight at a time",
          double.most_busy == 8 and events[-1][2]["results"]["successful"] == 50, f"{time.monotonic() - began:.1f} s")


async def crowd(gateway, client, double):
    double.latency = 0
    template_id = await template(client, SCENES["S1-72"][0])
    ids = [persona["id"] for persona in await people(client, template_id, 10)]
    double.latency = 3
    job = (await begin(client, template_id, ids))["job_id"]
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=gateway.url(""), timeout=60, limits=limits) as many:
        tasks = [asyncio.create_task(listen(many, job)) for _ in range(LISTENERS)]
        # Once they are all there: curl has its own process, while the two hundred share one Python.
        await asyncio.sleep(1.5)
        stories, first = await asyncio.gather(
            asyncio.gather(curl(gateway, job), *tasks), endurance.first_byte(gateway, job))
    told = {json.dumps([event[-1] for event in story]) for story in stories}
    prove("S3-20", f"{LISTENERS} listeners and curl are told the same", len(told) == 1)
    prove("S3-19", f"the first byte comes at once beside {LISTENERS} listeners", first < 0.1, f"{first * 1000:.0f} ms")
    # Events after which everybody was there already; the results are left out: they are many bytes for one Python.
    lags = [max(story[i][0] for story in stories) - min(story[i][0] for story in stories)
            for i in range(12, len(stories[0]) - 2)]
    print(f"         the last of {LISTENERS} in one Python process hears an event {max(lags) * 1000:.0f} ms after the first")


async def promptness(gateway, client, double):
    double.latency = 0
    template_id = await template(client, SCENES["S1-71"][0])
    ids = [persona["id"] for persona in await people(client, template_id, 8)]
    double.latency = 0.5
    job = (await begin(client, template_id, ids))["job_id"]
    already = len(double.answered)
    told = [moment for moment, event in await curl(gateway, job)
            if event["type"] == "persona_progress" and event["status"] == "completed"]
    delays = sorted(moment - answer for moment, answer in zip(told, sorted(double.answered[already:])))
    prove("S3-19", "curl -N prints an event as it happens", len(told) == 8 and delays[4] < 0.1,
          f"median {delays[4] * 1000:.0f} ms after the model's answer, the prompt kept before")


TOOLS = types.SimpleNamespace(
    template=template, people=people, begin=begin, listen=listen, prove=prove, document=SCENES["S1-70"][0])


async def durable():
    """Jobs that are forgotten soon, on a gateway of their own."""
    print("with jobs that are forgotten after a second:")
    environment = {"VAANI_JOB_LIFETIME": "1s", "VAANI_LOG_LEVEL": "warning"}
    async with Gateway(environment=environment) as gateway:
        async with httpx.AsyncClient(base_url=gateway.url(""), timeout=120) as client:
            await endurance.thousand_jobs(gateway, client, TOOLS)


async def main():
    began = time.monotonic()
    for name in ["the embedded model", "a double of a language model"]:
        print(f"with {name}:")
        async with contextlib.AsyncExitStack() as stack:
            gateway, double = Gateway(), None
            if name != "the embedded model":
                double = await stack.enter_async_context(ChatDouble())
                gateway.environment["VAANI_MODELS_FILE"] = double.models_file(gateway.folder.name)
            await stack.enter_async_context(gateway)
            client = await stack.enter_async_context(httpx.AsyncClient(
                base_url=gateway.url(""), timeout=120, limits=httpx.Limits(max_connections=None)))
            await scenes(client)
            await manual_flow(gateway, client)
            if double:
                await speed(client, double)
                await promptness(gateway, client, double)
                await crowd(gateway, client, double)
                await endurance.hundred_jobs(client, double, TOOLS)
                await endurance.fifty_personas(gateway, client, double, TOOLS)
                await endurance.stalled_reader(gateway, client, double, TOOLS)
                await endurance.stalled_model(gateway, client, double, TOOLS, STALL)
    await durable()
    print("proved: " + " ".join(sorted(set(proved), key=lambda i: [int(n) for n in i[1:].split("-")])))
    print(f"in {time.monotonic() - began:.0f} s")


asyncio.run(main())
