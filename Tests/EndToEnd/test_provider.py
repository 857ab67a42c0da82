"""A provider of video personas behind the gateway: what it has, and what users learn of its failures."""

import asyncio
import json
import time
import urllib.error
import urllib.request

import pytest_asyncio

from gateway import Gateway, eventually
from provider_double import KEY, ProviderDouble
from test_operations import vaani

TEXT = "You are Meera, a manager with little time."


def scenario(**persona):
    return {
        "title": "Ask for a rise", "description": "Your manager is busy.", "category": "Communication", "duration": 10,
        "persona": {"personaName": "Meera", "systemPrompt": TEXT, **persona}}


async def call(gateway, method, path, body=None, **headers):
    """Status, headers and text of an answer."""
    def send():
        data = json.dumps(body).encode() if body is not None else None
        heads = {"Content-Type": "application/json", **{key.replace("_", "-"): value for key, value in headers.items()}}
        request = urllib.request.Request(gateway.url(path), data, heads, method=method)
        try:
            with urllib.request.urlopen(request, timeout=15) as reply:
                return reply.status, reply.headers, reply.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read().decode()
    return await asyncio.to_thread(send)


@pytest_asyncio.fixture(scope="module")
async def both():
    """One provider and one gateway for all tests that only ask."""
    async with ProviderDouble() as provider:
        settings = {**provider.environment, "VAANI_PROVIDER_TIMEOUT": "1s", "VAANI_PROVIDER_VOICES_PATH": "/v2/voices"}
        async with Gateway(environment=settings) as gateway:
            yield provider, gateway
            assert KEY not in gateway.logs, "the key reached the log"


@pytest_asyncio.fixture
async def pair(both):
    provider, gateway = both
    await provider.order("/reset", {})
    return provider, gateway


async def test_S0_16_S0_50_documents_are_a_bare_array_of_four_members(pair):
    provider, gateway = pair
    status, documents = await gateway.get("/api/tavus/documents")
    assert status == 200 and isinstance(documents, list) and len(documents) == 4
    assert all(set(document) == {"id", "name", "tags", "created_at"} for document in documents)
    assert await gateway.get("/tavus/documents") == (200, documents)


async def test_S0_34_documents_are_searched_and_filtered_by_tags(pair):
    provider, gateway = pair
    names = {}
    for query in ["q=HANDBOOK", "tags=hr,policy", "tags=hr&tags=sales", "status=ready", "q=handbook&tags=coaching"]:
        _, documents = await gateway.get(f"/api/tavus/documents?{query}")
        names[query] = [document["name"] for document in documents]
    assert names["q=HANDBOOK"] == ["Employee handbook", "Leadership handbook"]
    assert names["tags=hr,policy"] == ["Employee handbook"] and names["tags=hr&tags=sales"] == []
    assert len(names["status=ready"]) == 3 and names["q=handbook&tags=coaching"] == ["Leadership handbook"]


async def test_S0_36_a_scenario_names_the_documents_that_its_persona_uses(pair):
    provider, gateway = pair
    body = scenario(document_ids=["d0000price", "d0000hand2"], document_tags=["sales"])
    _, made = await gateway.get("/api/scenarios", "POST", body)
    path = f"/api/scenarios/{made['id']}"
    status, shown = await gateway.get(f"{path}?expand=documents")
    assert status == 200
    assert [(document["name"], document["tags"]) for document in shown["documents"]] == [
        ("Price list 2026", ["sales"]), ("Leadership handbook", ["leadership", "coaching"])]
    assert all(document["created_at"].endswith("Z") for document in shown["documents"])
    assert shown["persona"]["document_ids"] == body["persona"]["document_ids"]
    assert shown["persona"]["document_tags"] == ["sales"]
    await asyncio.to_thread(provider.call, "DELETE", "/v2/documents/d0000price", None, provider.key)
    _, shown = await gateway.get(f"{path}?expand=documents")
    assert [document["status"] for document in shown["documents"]] == ["gone", "ready"]
    assert "documents" not in (await gateway.get(path))[1]


async def test_every_page_of_documents_is_read(pair):
    provider, gateway = pair
    for number in range(130):
        body = {"document_name": f"No {number}", "document_url": "https://example.com/x.pdf"}
        await asyncio.to_thread(provider.call, "POST", "/v2/documents", body, provider.key)
    _, documents = await gateway.get("/api/tavus/documents")
    assert len({document["id"] for document in documents}) == 134


async def test_S0_17_S0_51_replicas_are_those_that_can_be_used_unless_all_are_asked_for(pair):
    provider, gateway = pair
    _, usable = await gateway.get("/api/tavus/replicas")
    assert [replica["name"] for replica in usable] == ["Anna", "Rohan", "Meera"]
    assert all(set(replica) == {"id", "name", "thumbnail_url"} for replica in usable)
    _, every = await gateway.get("/api/tavus/replicas?all=1")
    assert [replica["status"] for replica in every] == ["completed"] * 3 + ["started", "error"]


async def test_S0_61_a_replica_is_trained_and_shows_how_far_it_is(pair):
    provider, gateway = pair
    await provider.order("/settings", {"replica_lag": 100})
    try:
        body = {"replica_name": "Asha", "train_video_url": "https://example.com/asha.mp4"}
        status, made = await gateway.get("/api/tavus/replicas", "POST", body)
        assert status == 201, made

        async def shown():
            _, every = await gateway.get("/api/tavus/replicas?all=1")
            return next(replica for replica in every if replica["id"] == made["id"])

        assert (await shown())["status"] == "started"
        await provider.advance(50)
        assert (await shown())["training_progress"] == "50/100"
        await provider.advance(50)
        assert (await shown())["status"] == "completed"
        [sent] = await provider.requests("POST", "/v2/replicas")
        assert sent["body"] == body
        assert (await gateway.get("/api/tavus/replicas", "POST", {"replica_name": "x"}))[0] == 422
    finally:
        await provider.order("/settings", {"replica_lag": 0})


async def test_S0_62_voices_are_cloned_where_that_is_enabled(pair):
    provider, gateway = pair
    body = {"voice_name": "Asha", "sample_url": "https://example.com/asha.wav"}
    status, voice = await gateway.get("/api/tavus/voices", "POST", body)
    assert status == 201 and voice["id"] and voice["name"] == "Asha", voice
    async with Gateway(environment=provider.environment) as plain:
        status, refusal = await plain.get("/api/tavus/voices", "POST", body)
    assert (status, refusal["code"]) == (501, "capability_disabled")


async def test_S0_16_a_provider_that_is_down_or_silent_is_502_in_time(pair):
    provider, gateway = pair
    for rule, code in [
        ({"answer": "hang"}, "provider_timeout"), ({"answer": "close"}, None), ({"answer": 503}, "provider_unavailable"),
        ({"answer": "garbage"}, "provider_malformed_answer"), ({"answer": "oversized"}, "provider_malformed_answer"),
        ({"answer": 401}, "provider_unauthorized"), ({"answer": 402}, "provider_out_of_credits"),
    ]:
        await provider.fault("/v2/*", **rule, times=1)
        began = time.monotonic()
        status, document = await gateway.get("/api/tavus/documents")
        assert status == 502 and time.monotonic() - began < 5, (rule, document)
        assert document["type"] == "error" and (code is None or document["code"] == code), (rule, document)
    [line] = [line for line in vaani("serve", "--print-config").stdout.splitlines() if "provider_timeout" in line]
    assert line.split()[1] == "8s", "apps give up after 10 s"
    assert (await gateway.get("/api/tavus/documents"))[0] == 200


async def test_a_provider_that_asks_for_patience_is_passed_on(pair):
    provider, gateway = pair
    await provider.fault("/v2/*", answer=429, retry_after=7, times=1)
    status, headers, _ = await call(gateway, "GET", "/api/tavus/replicas")
    assert (status, headers["Retry-After"]) == (503, "7")


async def test_S0_57_what_the_provider_says_is_for_the_log_alone(pair):
    provider, gateway = pair
    await provider.fault("/v2/*", answer=400, times=1, body={"error": "account 4711 of key $KEY is closed"})
    status, headers, text = await call(gateway, "GET", "/api/tavus/replicas")
    assert status == 502 and "4711" not in text and KEY not in text
    request = json.loads(text)["request_id"]
    await eventually(lambda: "account 4711" in gateway.logs, "the provider's words are logged")
    line = next(line for line in gateway.logs.splitlines() if "account 4711" in line)
    assert request in line and KEY not in line


async def test_S0_19_the_key_follows_no_redirect(pair):
    provider, gateway = pair
    async with ProviderDouble() as elsewhere:
        await provider.fault("/v2/*", answer=302, headers={"Location": f"{elsewhere.url}/v2/documents"}, times=1)
        status, _ = await gateway.get("/api/tavus/documents")
        assert status == 502 and await elsewhere.requests() == []


async def test_S0_19_the_key_is_in_one_header_of_each_request(pair):
    provider, gateway = pair
    await gateway.get("/api/tavus/documents")
    [request] = await provider.requests(keys=True)
    assert request["headers"]["x-api-key"] == KEY
    assert json.dumps(request).count(KEY) == 1


async def test_S0_54_the_key_comes_from_the_environment_or_a_file(pair, tmp_path):
    provider, _ = pair
    file = tmp_path / "key"
    file.write_text(provider.key + "\n")
    environment = {"VAANI_PROVIDER_URL": provider.url, "VAANI_PROVIDER_KEY_FILE": str(file)}
    async with Gateway(environment=environment) as gateway:
        assert (await gateway.get("/api/tavus/documents"))[0] == 200
    ended = vaani("serve", "--provider-key", provider.key)
    assert ended.returncode == 64, "a key on a command line is everybody's to see"


async def test_S0_54_without_a_key_the_start_succeeds_and_the_routes_say_why():
    async with Gateway() as gateway:
        for method, path, body in [
            ("GET", "/api/tavus/documents", None), ("GET", "/tavus/replicas", None),
            ("POST", "/api/tavus/replicas", {"replica_name": "x", "train_video_url": "https://example.com/x.mp4"}),
        ]:
            status, document = await gateway.get(path, method, body)
            assert (status, document["code"]) == (503, "provider_not_configured"), path
        status, made = await gateway.get("/api/scenarios", "POST", scenario())
        assert status == 201 and "status" not in made["persona"]
