
import pytest_asyncio

from gateway import FIXTURES, Gateway
from realtime_double import RealtimeDouble

import pytest


@pytest_asyncio.fixture
async def double():
    async with RealtimeDouble() as running:
        yield running


@pytest_asyncio.fixture
async def gateway(double):
    """The gateway in front of the double."""
    async with Gateway(upstream=double) as running:
        yield running
        assert "sk-canary" not in running.logs, "the key reached the log"


@pytest.fixture(scope="session")
def question():
    """A spoken question as a phone records it: M4A, AAC 44.1 kHz stereo."""
    return next(path for path in sorted(FIXTURES.glob("*.m4a"))).read_bytes()


@pytest.fixture(scope="session")
def web_question():
    """The same kind of question as a browser's recorder makes it: WebM/Opus."""
    return next(path for path in sorted(FIXTURES.glob("*.webm"))).read_bytes()
