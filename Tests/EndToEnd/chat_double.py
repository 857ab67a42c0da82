"""A double of a language model, and it says that it is one: OpenAI-compatible chat completions with canned answers, a latency
that tests choose, and failures on request. It records what it was asked."""

import asyncio
import json
import time

from aiohttp import web

CHOICES = {
    "pharma": ["professional_context", "medical_philosophy", "time_constraints", "sales_rep_history"],
    "maternity": ["health_context", "family_context", "financial_context", "anxiety_factors"],
    "remark": ["work_relationships", "incident_context", "emotional_state", "organizational_context"],
    "car": ["family_context", "financial_context", "lifestyle_context", "social_context"],
}
SIX = ["family_context", "health_context", "financial_context", "lifestyle_context", "social_context", "anxiety_factors"]


class ChatDouble:
    """`async with ChatDouble(latency=1) as double:`; `double.models_file(folder)` is a models.json that names it."""

    def __init__(self, latency=0.0):
        self.latency, self.requests, self.busy, self.most_busy = latency, [], 0, 0
        self.answered = []  # moments of time.monotonic()
        self.fails = lambda facts: None  # an HTTP status, or None
        self.message = "as scripted"  # what it says then

    async def __aenter__(self):
        application = web.Application(client_max_size=8 << 20)
        application.router.add_post("/v1/chat/completions", self.answer)
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    def models_file(self, folder):
        path = f"{folder}/models.json"
        document = {
            "endpoints": {"double": {"url": f"http://127.0.0.1:{self.port}/v1"}},
            "roles": {"default": {"endpoint": "double", "model": "model-double", "max_tokens": 4000, "max_retries": 0}},
        }
        with open(path, "w") as file:
            json.dump(document, file)
        return path

    async def answer(self, request):
        body = await request.json()
        facts = self.facts(body)
        self.requests.append((facts, body))
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.busy -= 1
        if status := self.fails(facts):
            return web.json_response({"error": {"code": "double_says_no", "message": self.message}}, status=status)
        text = self.text(facts)
        self.answered.append(time.monotonic())
        return web.json_response({
            "model": "model-double", "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
            "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": text}}]})

    @staticmethod
    def facts(body):
        for message in body["messages"]:
            try:
                found = json.loads(message["content"])
            except ValueError:
                continue
            if isinstance(found, dict) and "task" in found:
                return found
        return {}

    def text(self, facts):
        match facts.get("task"):
            case "choose_categories":
                words = json.dumps(facts["context_overview"]).lower()
                chosen = next((names for cue, names in CHOICES.items() if cue in words), SIX)
                return "```json\n" + json.dumps(chosen) + "\n```"
            case "write_details":
                return json.dumps({field: f"{facts['name']}: {field} by the double" for field in facts["example_fields"]})
            case "write_rules":
                return json.dumps({"opening_behavior": "Waits", "response_style": "Brief", "word_limit": 40,
                                   "behavioral_triggers": {"what_engages": ["numbers"]}})
            case "write_prompt":
                return f"You are {facts.get('persona', {}).get('name', 'an expert')}. The double wrote this."
        # Analysis is left to the rules: the double knows no scenario.
        return "{}"
