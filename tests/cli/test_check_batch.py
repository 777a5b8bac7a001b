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


def test_check_tells_the_first_row_beyond_what_the_target_takes(cli, tmp_path):
    target = tmp_path / "small.toml"
    target.write_text("extends = 'openai'\nname = 'small'\n[batch.max_requests]\nvalue = 1\nsource = 'this test'\n")
    rows = [{**LINE, "custom_id": name} for name in "abc"]
    (tmp_path / "batch.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = cli("check", str(tmp_path / "batch.jsonl"), "--target", str(target))
    assert "batch.jsonl:2: (row): batch-too-long: " in result.out
    assert result.out.count("batch-too-long") == 1
