"""check on a Batch file: what no row shows by itself."""

import json

LINE = {
    "custom_id": "a",
    "method": "POST",
    "url": "/v1/chat/completions",
    "body": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Q"}]},
}


def test_check_tells_an_id_that_a_row_before_has(cli, tmp_path):
    rows = [LINE, {**LINE, "custom_id": "b"}, LINE]
    (tmp_path / "batch.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = cli("check", str(tmp_path / "batch.jsonl"))
    assert "batch.jsonl:3: custom_id: batch-id-duplicate: " in result.out
    assert result.out.count("batch-") == 1
