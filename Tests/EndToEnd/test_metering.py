"""What conversations use and cost: in the last line of a session, and in the figures of all."""

import json

import pytest

from gateway import TINA, Gateway, eventually
from test_operations import vaani

USAGE = {
    "total_tokens": 1_100, "input_tokens": 700, "output_tokens": 400,
    "input_token_details": {
        "text_tokens": 500, "audio_tokens": 200, "cached_tokens": 300,
        "cached_tokens_details": {"text_tokens": 250, "audio_tokens": 50}},
    "output_token_details": {"text_tokens": 100, "audio_tokens": 300},
}
PRICES = {"text_in": 4, "text_in_cached": 0.4, "audio_in": 32, "audio_in_cached": 0.4, "text_out": 16, "audio_out": 64}
COST = (250 * 4 + 250 * 0.4 + 150 * 32 + 50 * 0.4 + 100 * 16 + 300 * 64) / 1e6


def last_line(gateway):
    lines = [json.loads(line) for line in gateway.logs.splitlines() if line.startswith("{")]
    return next((line for line in lines if line.get("message") == "session ended"), None)


async def talk(gateway, question):
    async with gateway.connect() as phone:
        await phone.greeted(TINA)
        await phone.ask(question)
    await eventually(lambda: last_line(gateway), "the session ends")
    return last_line(gateway)


async def test_a_session_ends_with_what_it_used(double, question, tmp_path):
    double.faults.usage = USAGE
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"gpt-realtime": PRICES}))
    async with Gateway(upstream=double, environment={"VAANI_PRICES_FILE": str(prices)}) as gateway:
        line = await talk(gateway, question)
        assert line["tokens.text_in"] == 500 and line["tokens.text_in_cached"] == 500
        assert line["tokens.audio_in"] == 300 and line["tokens.audio_in_cached"] == 100
        assert line["tokens.text_out"] == 200 and line["tokens.audio_out"] == 600
        assert line["cost"] == pytest.approx(2 * COST)
        assert line["audio.ms"] == 800
        assert line["audio.in.ms"] == pytest.approx(len(double.connections[0].heard) / 48, abs=2) and line["audio.in.ms"] > 500
        assert await gateway.metric("vaani_model_tokens_total") == 2 * 1_100
        assert await gateway.metric("vaani_model_cost_millionths_total") == pytest.approx(2e6 * COST, abs=2)
        _, text = await gateway.get("/metrics")
        assert 'vaani_model_tokens_total{kind="audio_in_cached"} 100' in text


async def test_without_prices_nothing_is_estimated(double, question):
    double.faults.usage = USAGE
    async with Gateway(upstream=double) as gateway:
        line = await talk(gateway, question)
        assert "cost" not in line and line["tokens.audio_out"] == 600
        assert await gateway.metric("vaani_model_cost_millionths_total") == 0


@pytest.mark.parametrize("text, fault", [
    ("[]", "it is no JSON object"), ('{"m": {"text_in": 4}}', "m has no price for audio_in"),
    ('{"m": {"text_inn": 4}}', "m has a price for text_inn"), ('{"m": {"text_in": -1}}', "m: text_in is no number"),
])
def test_prices_that_make_no_sense_stop_the_start(tmp_path, text, fault):
    (tmp_path / "prices.json").write_text(text)
    ended = vaani("serve", environment={"VAANI_PRICES_FILE": str(tmp_path / "prices.json")})
    assert ended.returncode == 78 and f"prices_file: {fault}" in ended.stderr
