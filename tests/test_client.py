"""The openai SDK's own client sends what msgkit dumps; what comes back goes into the history."""

import http.server
import json
import threading

import jsonschema
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from pydantic import TypeAdapter

import msgkit

SCHEMA = TypeAdapter(list[ChatCompletionMessageParam]).json_schema()
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": None,
            "message": {"role": "assistant", "content": "A cat that purrs.", "refusal": None, "annotations": []},
        }
    ],
}


class Judge(http.server.BaseHTTPRequestHandler):
    """Answers a request whose messages are valid by the SDK's own schema, and refuses any other."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        faults = [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(body["messages"])]
        self.server.seen.append(body)
        answer = {"error": {"message": "; ".join(faults)}} if faults else ANSWER
        data = json.dumps(answer).encode()
        self.send_response(400 if faults else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Judge) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def client(server):
    with openai.OpenAI(api_key="none", base_url=f"http://127.0.0.1:{server.server_port}/v1", max_retries=0) as client:
        yield client


def history():
    return msgkit.Conversation(
        [
            msgkit.system("Answer in one sentence."),
            msgkit.user(
                "What is this?",
                msgkit.image("examples/photos/cat.jpg", detail="low"),
                msgkit.audio("examples/sounds/question.wav"),
            ),
            msgkit.assistant(tool_calls=[msgkit.ToolCall.new("call_1", "look", '{"closely": true}')]),
            msgkit.tool("fur, whiskers", tool_call_id="call_1"),
            msgkit.user("And this?", msgkit.file("examples/files/receipt.pdf")),
        ]
    )


def test_the_client_sends_pictures_and_sound_and_the_answer_joins_the_history(client, server):
    talk = history()
    answer = client.chat.completions.create(model="m", **msgkit.dump(talk, "openai"))
    assert server.seen[0]["messages"] == msgkit.dump(talk)["messages"]
    assert [issue for issue in msgkit.check(talk, target="openai") if issue.severity == "error"] == []

    message = answer.choices[0].message
    longer = [*msgkit.dump(talk)["messages"], message]
    assert msgkit.load(longer).messages[-1].text == "A cat that purrs."
    assert msgkit.check(longer) == []
    again = client.chat.completions.create(model="m", messages=msgkit.dump(msgkit.load(longer)))
    assert again.choices[0].message.content == "A cat that purrs."


def test_the_judge_refuses_what_the_schema_refuses(client):
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": [{"type": "image_url", "image_url": "cat.jpg"}]}]
        )
