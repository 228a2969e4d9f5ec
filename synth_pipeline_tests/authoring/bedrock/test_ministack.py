"""The Bedrock author against ministack, whose Bedrock Runtime asks an OpenAI-style endpoint."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from synth_pipeline.authoring.repair import Trial, write_verified
from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.usage import Usage
from synth_pipeline_tests.support.models import bedrock_author
from synth_pipeline_tests.support.scripted_bedrock import fenced, numbered
from synth_pipeline_tests.support.servers import ministack, running

pytestmark = pytest.mark.server

MACHINE = Machine("ada", "plasma-etcher", "Plasma Etcher", "Chip making", "", "", 1, 2024, 7)
BAD = "import os\n\n\ndef main():\n    print('bad')\n"
GOOD = "import os\n\n\ndef main():\n    print('good')\n"


class OpenAiEndpoint(ThreadingHTTPServer):
    """Answers `/v1/chat/completions` from a list and records what it was asked."""

    daemon_threads = True

    def __init__(self, replies: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _ChatHandler)
        self.replies = replies
        self.asked: list[dict[str, Any]] = []


class _ChatHandler(BaseHTTPRequestHandler):
    server: OpenAiEndpoint

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        content = self.server.replies[len(self.server.asked) - 1]
        body = json.dumps(
            {
                "choices": [{"message": {"role": "assistant", "content": content}}],
                "usage": {"prompt_tokens": 11, "completion_tokens": 22},
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def serving(endpoint: OpenAiEndpoint) -> Iterator[OpenAiEndpoint]:
    thread = threading.Thread(target=endpoint.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.shutdown()
        endpoint.server_close()
        thread.join()


def judge(code: str) -> Trial[str]:
    return Trial("output") if "good" in code else Trial(None, (Finding(Topic.TIME_AXIS, "3 rows"),))


def test_machines_are_listed_and_a_generator_is_mended_through_ministack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies = [numbered(["Plasma Etcher", "Wafer Saw"]), fenced(BAD), fenced(GOOD)]

    with serving(OpenAiEndpoint(replies)) as endpoint:
        proxy = {"MINISTACK_BEDROCK_PROXY_URL": f"http://127.0.0.1:{endpoint.server_port}"}
        with running(ministack(tmp_path, proxy)) as server:
            for name, value in server.variables.items():
                monkeypatch.setenv(name, value)
            author = bedrock_author()
            author.check()
            machines = author.list_machines("Chip making", 2)
            verified = write_verified(author.open_session(MACHINE), judge, repair_attempts=1)

    assert [idea.name for idea in machines.ideas] == ["Plasma Etcher", "Wafer Saw"]
    assert verified.code == GOOD
    assert verified.attempts == 2
    assert (verified.usage.calls, verified.usage.input_tokens) == (2, 22)
    assert isinstance(verified.usage, Usage)
    assert [len(asked["messages"]) for asked in endpoint.asked] == [1, 1, 3]
    assert "3 rows" in endpoint.asked[2]["messages"][-1]["content"]
