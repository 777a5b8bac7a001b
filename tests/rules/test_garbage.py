"""Whatever JSON comes, check tells issues; it never raises, and fixes never fail on what it told."""

from hypothesis import given, settings
from hypothesis import strategies as st

import msgkit
from msgkit import rules, targets
from msgkit.errors import MediaError
from msgkit.formats import FORMATS

KEYS = """role author name content type text image_url url detail input_audio data format file file_data file_id
filename refusal tool_calls tool_call_id id function arguments custom input channel recipient content_type
function_call audio video_url audio_url path image system_content channel_config valid_channels tools
thinking extra messages images"""
WORDS = """user assistant tool system developer function human text image_url input_audio file refusal image input_text
input_image system_content custom a all functions.w final data:image/png;base64,iVBORw0KGgo=
data:audio/wav;base64,UklGRg== UklGRgAA ../x https://example.com/ {} wav <|call|> <image> json JSON"""

FIELDS = "author name channel recipient content_type tool_call_id refusal function_call extra"

words = st.sampled_from([*WORDS.split(), "", "a b"])
keys = st.sampled_from(KEYS.split())
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words | st.text(max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=9,
)


def things(required, optional):
    return st.fixed_dictionaries(
        dict.fromkeys(required.split(), words), optional=dict.fromkeys(optional.split(), values)
    )


parts = things("type", "text image_url input_audio file refusal url path data thinking channel_config extra")
calls = things("type", "id function custom extra")
messages = st.lists(
    st.fixed_dictionaries(
        {"role": words | values, "content": st.lists(parts | values, max_size=3) | values},
        optional={"tool_calls": st.lists(calls | values, max_size=3) | values} | dict.fromkeys(FIELDS.split(), values),
    )
    | values,
    max_size=4,
)


@settings(max_examples=26, deadline=None)
@given(row=messages, target=st.sampled_from(targets.NAMES), ready=st.booleans())
def test_no_row_makes_check_or_fix_fail(row, target, ready):
    issues = msgkit.check(row, target, ready=ready)
    assert all(issue.code in rules.CODES for issue in issues)
    for name in ([], ["tool-pairs", "empty-content"]):
        fixed, done = rules.fix(row, issues, unsafe=name)
        assert (fixed == row) == (not done)


FOREIGN = """system contents parts inlineData mimeType mime_type fileData fileUri functionCall functionResponse response
args source media_type tool_use_id input is_error conversations from value output call_id summary instructions
prefix base64 image_url images path bytes systemInstruction thought signature"""
FOREIGN_WORDS = """model human gpt observation function_call tool_use tool_result base64 url image/png audio/x-wav
input_text function_call_output message reasoning iVBORw0KGgo=
data:image/jpg;base64,iVBORw0KGgo= {"name":"f","arguments":{}}"""
LISTS = ("messages", "contents", "conversations", "input", "output", "text", "system", "images", "instructions")

pieces = st.recursive(
    scalars | st.sampled_from(FOREIGN_WORDS.split()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(keys | st.sampled_from(FOREIGN.split()), inner, max_size=6)
    ),
    max_leaves=12,
)
bodies = st.fixed_dictionaries({}, optional={name: st.lists(pieces, max_size=4) | pieces for name in LISTS})


def failing(_):
    raise MediaError("cannot be decoded", code="media-invalid")


@settings(max_examples=40, deadline=None)
@given(row=bodies, format=st.sampled_from([None, *FORMATS]), target=st.sampled_from([None, *targets.NAMES]))
def test_no_row_of_any_shape_makes_check_or_fix_fail(row, format, target):  # noqa: A002
    issues = msgkit.check(row, target, format=format)
    assert all(issue.code in rules.CODES and issue.source for issue in issues)
    for unsafe in ([], ["tool-pairs", "empty-content"]):
        fixed, done = rules.fix(row, issues, unsafe=unsafe, upright=failing)
        assert (fixed == row) == (not done)
    fixable = [issue for issue in issues if issue.fixable and issue.code != "image-orientation"]
    assert rules.fix(row, fixable)[1] == fixable
