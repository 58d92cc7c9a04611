"""The simulator's routes, as interfaces that scripts and tests rely on fix them, and what makes a contract of them."""

from litestar import get, post
from litestar.di import Provide

from frontdesk.contracts._http.contract import Contract
from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.query import wanted
from frontdesk.contracts.sandbox.dialect import DIALECT
from frontdesk.contracts.sandbox.shapes import (
    Answered,
    Call,
    Calls,
    Fault,
    Faults,
    Mail,
    Mails,
    MailWanted,
    Message,
    Messages,
    MessagesWanted,
    NewFault,
    NewMessage,
    OneCall,
    OneFault,
    OneMessage,
)
from frontdesk.kernel.access import Actor
from frontdesk.ports.simulator import Simulator


@post("/messages")
async def text_us(actor: Given[Actor], simulator: Given[Simulator], data: JSONBody[NewMessage]) -> OneMessage:
    return OneMessage(Message.of(await simulator.text(actor, data.from_, data.to, data.body)))


@get("/handsets/{number:str}/messages", dependencies=wanted(MessagesWanted))
async def list_handset_messages(
    actor: Given[Actor], simulator: Given[Simulator], number: FromPath[str], wanted: Given[MessagesWanted]
) -> Messages:
    return Messages([Message.of(each) for each in await simulator.messages(actor, number, wanted.limit)])


@get("/handsets/{number:str}/calls", dependencies=wanted(MessagesWanted))
async def list_handset_calls(
    actor: Given[Actor], simulator: Given[Simulator], number: FromPath[str], wanted: Given[MessagesWanted]
) -> Calls:
    return Calls([Call.of(each) for each in await simulator.calls(actor, number, wanted.limit)])


@post("/handsets/{number:str}/answer", status_code=200)
async def answer_call(actor: Given[Actor], simulator: Given[Simulator], number: FromPath[str]) -> Answered:
    return Answered.of(await simulator.answer(actor, number))


@post("/handsets/{number:str}/hang-up", status_code=200)
async def hang_up(actor: Given[Actor], simulator: Given[Simulator], number: FromPath[str]) -> OneCall:
    return OneCall(Call.of(await simulator.hang_up(actor, number)))


@get("/mail", dependencies=wanted(MailWanted))
async def list_mail(actor: Given[Actor], simulator: Given[Simulator], wanted: Given[MailWanted]) -> Mails:
    return Mails([Mail.of(each) for each in await simulator.mail(actor, wanted.to, wanted.limit)])


@post("/faults")
async def set_fault(actor: Given[Actor], simulator: Given[Simulator], data: JSONBody[NewFault]) -> OneFault:
    return OneFault(Fault.of(await simulator.set_fault(actor, data.kind, data.rate, data.seconds)))


@get("/faults")
async def list_faults(actor: Given[Actor], simulator: Given[Simulator]) -> Faults:
    return Faults([Fault.of(each) for each in await simulator.faults(actor)])


def sandbox_contract(simulator: Simulator) -> Contract:
    """The sandbox's REST on `simulator`, at /sandbox."""
    return Contract(
        name="sandbox",
        prefix="/sandbox",
        dialect=DIALECT,
        routes=[
            text_us,
            list_handset_messages,
            list_handset_calls,
            answer_call,
            hang_up,
            list_mail,
            set_fault,
            list_faults,
        ],
        dependencies={"simulator": Provide(lambda: simulator, sync_to_thread=False)},
        documented=False,
    )
