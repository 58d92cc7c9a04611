"""Conversations and messages as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml,
Conversation Routes and Message Routes."""

from litestar import get, post

from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts.reactivation.shapes.messages import (
    ConversationThread,
    DraftReply,
    OneMessage,
    Preview,
    SendAiMessage,
    SendMessage,
)
from frontdesk.domain.conversations.errors import ConversationNotFound
from frontdesk.domain.conversations.service import sending, threads
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/conversations/{conversation_id:str}", operation_id="get_conversation")
async def get_conversation(work: Given[Work], conversation_id: FromPath[str]) -> ConversationThread:
    return ConversationThread.of(await threads.thread(work, path_id(conversation_id, ConversationNotFound)))


@post("/api/messages/send", operation_id="send_message", status_code=200, limit="message-sending")
async def send_message(context: Given[Context], actor: Given[Actor], data: JSONBody[SendMessage]) -> OneMessage:
    return OneMessage.of(await sending.send_by_hand(context, actor, data.lead_id, data.content))


@post("/api/messages/ai-generate", operation_id="generate_ai_message", status_code=200)
async def generate_ai_message(context: Given[Context], actor: Given[Actor], data: JSONBody[DraftReply]) -> Preview:
    return Preview.of(
        await sending.draft_reply(context, actor, data.lead_id, data.conversation_id, data.force_regenerate)
    )


@post("/api/messages/ai-send", operation_id="send_ai_message", status_code=200, limit="message-sending")
async def send_ai_message(context: Given[Context], actor: Given[Actor], data: JSONBody[SendAiMessage]) -> OneMessage:
    return OneMessage.of(await sending.send_ai(context, actor, data.lead_id, data.message_id, data.content))


ROUTES = [get_conversation, send_message, generate_ai_message, send_ai_message]
