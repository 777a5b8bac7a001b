"""One history with everything in it, which the formats are asked to hold."""

from tests.strategies import PDF, PNGS, WAVS, WEATHER

RICH = {
    "model": "m",
    "temperature": 0.5,
    "max_tokens": 200,
    "tools": [
        {"type": "function", "function": {"name": "get_weather", "description": "Weather", "parameters": WEATHER}}
    ],
    "tool_choice": "auto",
    "messages": [
        {"role": "system", "content": "Answer briefly."},
        {"role": "developer", "content": "Use degrees Celsius."},
        {
            "role": "user",
            "name": "Ann",
            "content": [
                {"type": "text", "text": "Who is this, and how warm is it in Paris and in Oslo?"},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNGS[0]}", "detail": "low"}},
                {"type": "image_url", "image_url": {"url": "https://example.com/b.jpg"}},
                {"type": "input_audio", "input_audio": {"data": WAVS[0], "format": "wav"}},
                {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF}", "filename": "a.pdf"}},
            ],
        },
        {
            "role": "assistant",
            "reasoning": "They want the weather, too.",
            "content": "Let me look.",
            "tool_calls": [
                {
                    "id": "call_paris",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'},
                },
                {
                    "id": "call_oslo",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Oslo"}'},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "call_paris", "content": "12 degrees"},
        {"role": "tool", "tool_call_id": "call_oslo", "content": '{"degrees": 4}'},
        {"role": "assistant", "content": "A cat. 12 degrees in Paris, 4 in Oslo.", "x-note": {"seen": 1}},
        {"role": "user", "content": "Say something rude."},
        {"role": "assistant", "content": None, "refusal": "I will not."},
        {"role": "user", "content": "Then say goodbye."},
    ],
}
