"""Generated personas in voice sessions, and their jobs as clients of all kinds follow them."""

import asyncio
import json
import re
import time

import aiohttp

from gateway import Gateway, eventually
from test_generation import SCENES, begin, get, listen, people, post, studio, template
from test_operations import vaani


async def test_S3_31_an_interaction_speaks_as_its_persona_does_at_that_moment(double):
    """By message and by query; the mode chooses between the expert and the person; an edit counts from the next session on."""
    async with Gateway(upstream=double) as gateway, aiohttp.ClientSession(gateway.url("")) as client:
        [persona] = await people(client, await template(client, SCENES["S1-70"][0]), 1)
        path = f"/persona/{persona['id']}"
        job = await begin(client, persona["template_id"], [persona["id"]], {persona["id"]: ["learn_mode", "assess_mode"]})
        assert (await listen(client, job["job_id"]))[-1][1]["results"]["successful"] == 1
        shown = await get(client, path)
        assert shown["prompt_mode"] == "assess_mode" and shown["learn_prompt"] != shown["prompt"]
        made = await post(client, "/avatar-interactions", {"mode": "learn_mode", "persona_id": persona["id"]}, 201)
        state = await get(client, f"/scenario/v2/job-status/{job['job_id']}")
        times = [made["created_at"], shown["prompt_generated_at"], state["created_at"], state["expires_at"]]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment) for moment in times), times  # C-35
        for choice, prompt in [
            ({"interaction_id": made["id"]}, shown["learn_prompt"]),
            ({"interaction_id": made["id"], "mode": "try_mode"}, shown["prompt"]),
            ({"persona_id": persona["id"], "mode": "assess_mode"}, shown["prompt"]),
            ({"persona_id": persona["id"], "mode": "learn_mode"}, shown["learn_prompt"]),
        ]:
            async with gateway.connect() as phone:
                await phone.send(type="config", **choice)
                await phone.until("config_ack")
                await eventually(lambda: prompt in double.connections[-1].instructions, f"{choice} is told")
        edited = {**shown, "learn_prompt": "You are an expert made of glass."}
        async with client.put(path, json=edited) as reply:
            assert reply.status == 200
        async with gateway.connect(query=f"?interaction_id={made['id']}") as phone:
            await phone.until("config_ack")
            await eventually(lambda: "made of glass" in double.connections[-1].instructions, "the edit is told")


async def test_S3_21_a_quiet_stream_shows_that_it_lives():
    async with studio(latency=3.5, environment={"VAANI_JOB_KEEP_ALIVE": "1s"}) as (_, client, double):
        double.latency = 0
        template_id = await template(client, SCENES["S1-70"][0])
        ids = [persona["id"] for persona in await people(client, template_id, 1)]
        double.latency = 3.5
        job = (await begin(client, template_id, ids))["job_id"]
        moments = []
        async with client.get(f"/scenario/v2/prompt-generation-status/{job}") as reply:
            # S3-12: no proxy keeps or delays it.
            assert reply.headers["cache-control"].startswith("no-cache") and reply.headers["x-accel-buffering"] == "no"
            async for line in reply.content:
                if line.startswith(b":"):
                    assert line == b": keep-alive\n"
                    moments.append(time.monotonic())
        assert len(moments) == 3 and all(0.8 < b - a < 1.5 for a, b in zip(moments, moments[1:])), moments


async def test_S3_51_S3_49_a_token_in_the_query_opens_a_stream_and_reaches_no_log(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(vaani("token", "--new-key", "k1").stdout)
    tara, ravi = (
        vaani("token", "--token-keys-file", str(keys), "--user", user).stdout.strip() for user in ["tara", "ravi"])
    environment = {"VAANI_AUTH": "token", "VAANI_TOKEN_KEYS_FILE": str(keys), "VAANI_LOG_LEVEL": "trace"}
    async with Gateway(environment=environment) as gateway:
        headers = {"Authorization": f"Bearer {tara}"}
        async with aiohttp.ClientSession(gateway.url(""), headers=headers) as client:
            template_id = await template(client, SCENES["S1-70"][0])
            ids = [persona["id"] for persona in await people(client, template_id, 1)]
            endpoint = (await begin(client, template_id, ids))["sse_endpoint"]
        async with aiohttp.ClientSession(gateway.url("")) as client:
            events = [event for _, event in await listen(client, f"{endpoint.split('/')[-1]}?token={tara}")]
            assert events[-1]["results"]["successful"] == 1
            for query, status in [("", 401), (f"?token={tara}x", 401), (f"?token={ravi}", 404)]:
                async with client.get(endpoint + query) as reply:
                    assert reply.status == status
    for token in [tara, ravi]:
        assert token not in gateway.logs and token.split(".")[2] not in gateway.logs


async def test_S1_68_what_a_model_says_of_its_failure_reaches_neither_client_nor_log():
    """C-20: nor does the prompt that stands in for an answer speak of errors."""
    async with studio(latency=0) as (gateway, client, double):
        template_id = await template(client, SCENES["S1-70"][0])
        double.fails, double.message = (lambda facts: 500), "no such key sk-canary-77 at /srv/model/main.py line 3"
        answers = [
            await post(client, "/generate-personas", {"template_id": template_id}),
            await post(client, "/generate-personas-from-template", {"template_id": template_id}),
            await post(client, "/generate-prompts", {"template_id": template_id, "persona": {"name": "Asha"}}),
            await post(client, "/generate-final-prompts", {"template_id": template_id}),
        ]
        [persona] = answers[0]["personas"]
        job = await begin(client, template_id, [persona["id"]])
        answers.append([event for _, event in await listen(client, job["job_id"])])
        answers.append(await get(client, f"/api/personas/{persona['id']}/compiled"))
    told = json.dumps(answers)
    for inside in ["sk-canary-77", "main.py", "Traceback", "SYSTEM ERROR"]:
        assert inside not in told and inside not in gateway.logs


async def test_S3_19_S3_36_one_slow_reader_holds_up_nobody():
    """A client that takes nothing of a stream of megabytes, beside one that is told each event at once."""
    async with studio(latency=0) as (gateway, client, double):
        template_id = await template(client, SCENES["S1-70"][0])
        async with client.get(f"/scenario/templates/{template_id}") as reply:
            data = (await reply.json())["template_data"]
        async with client.put(f"/scenario/templates/{template_id}", json={"template_data": {**data, "notes": "x" * 900_000}}):
            pass
        ids = [persona["id"] for persona in await people(client, template_id, 4)]
        double.latency = 0.3
        job = (await begin(client, template_id, ids))["job_id"]
        request = f"GET /scenario/v2/prompt-generation-status/{job} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        stalled = []
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1_024)
            writer.write(request)
            writer.transport.pause_reading()
            stalled.append(writer)
        began = time.monotonic()
        async with aiohttp.ClientSession(gateway.url(""), read_bufsize=8 << 20) as other:
            events = await listen(other, job)
            assert events[-1][1]["results"]["successful"] == 4 and time.monotonic() - began < 5
            assert (await listen(other, job))[-1][1] == events[-1][1]
        for writer in stalled:
            writer.transport.abort()
