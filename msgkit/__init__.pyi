# What type checkers see: the same names as the table in __init__.py, which fetches them on first use.

from PIL.Image import Image
from pydub import AudioSegment

from msgkit import arrow as arrow
from msgkit import steps as steps
from msgkit.api.checking import check as check
from msgkit.api.checking import validate as validate
from msgkit.api.converting import convert as convert
from msgkit.api.converting import for_replay as for_replay
from msgkit.api.converting import for_training as for_training
from msgkit.api.converting import restore as restore
from msgkit.api.converting import user_visible as user_visible
from msgkit.api.counting import tokens as tokens
from msgkit.api.inlining import extract as extract
from msgkit.api.inlining import inline as inline
from msgkit.api.loading import dump as dump
from msgkit.api.loading import dumps as dumps
from msgkit.api.loading import from_dict as from_dict
from msgkit.api.loading import load as load
from msgkit.api.loading import loads as loads
from msgkit.api.loading import to_dict as to_dict
from msgkit.conversion.proof import Conversion as Conversion
from msgkit.errors import InvalidMessageError as InvalidMessageError
from msgkit.errors import Issue as Issue
from msgkit.errors import Loss as Loss
from msgkit.errors import LossError as LossError
from msgkit.errors import MediaError as MediaError
from msgkit.errors import MissingExtraError as MissingExtraError
from msgkit.errors import MsgkitError as MsgkitError
from msgkit.errors import UnknownNameError as UnknownNameError
from msgkit.media.constructors import audio as audio
from msgkit.media.constructors import file as file
from msgkit.media.constructors import image as image
from msgkit.model.base import UnknownPart as UnknownPart
from msgkit.model.calls import CustomToolCall as CustomToolCall
from msgkit.model.calls import FunctionCall as FunctionCall
from msgkit.model.calls import ToolCall as ToolCall
from msgkit.model.media import Media as Media
from msgkit.model.messages import Author as Author
from msgkit.model.messages import Conversation as Conversation
from msgkit.model.messages import Message as Message
from msgkit.model.messages import Role as Role
from msgkit.model.messages import assistant as assistant
from msgkit.model.messages import developer as developer
from msgkit.model.messages import system as system
from msgkit.model.messages import tool as tool
from msgkit.model.messages import user as user
from msgkit.model.parts import AudioPart as AudioPart
from msgkit.model.parts import AudioUrlPart as AudioUrlPart
from msgkit.model.parts import ContentPart as ContentPart
from msgkit.model.parts import DeveloperContentPart as DeveloperContentPart
from msgkit.model.parts import FilePart as FilePart
from msgkit.model.parts import ImagePart as ImagePart
from msgkit.model.parts import RefusalPart as RefusalPart
from msgkit.model.parts import SystemContentPart as SystemContentPart
from msgkit.model.parts import TextPart as TextPart
from msgkit.model.parts import ThinkingPart as ThinkingPart
from msgkit.model.parts import VideoUrlPart as VideoUrlPart
from msgkit.pipeline import run as run
from msgkit.rows import read as read
from msgkit.rows import write as write

__version__: str

def to_pillow(part: ImagePart | Media) -> Image: ...
def to_pydub(part: AudioPart | AudioUrlPart | Media) -> AudioSegment: ...
