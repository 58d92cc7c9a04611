"""The till of the sandbox: a page for whoever holds its address, where a plan or a pack is paid for by a click."""

from typing import Any

from litestar import Response, get, post

from frontdesk.console.forms import AnyRequest, FromPath, Given
from frontdesk.console.page import Page, go, render
from frontdesk.console.state import House
from frontdesk.domain.billing.service import paying


@get("/checkout/{token:str}", opt={"open": True})
async def checkout(request: AnyRequest, house: Given[House], token: FromPath[str]) -> Page:
    """What is bought."""
    purchase = await paying.at_till(house.context, token)
    return await render(request, "billing/checkout.html", wrong={}, token=token, purchase=purchase)


@post("/checkout/{token:str}/pay", opt={"open": True}, status_code=200)
async def pay(request: AnyRequest, house: Given[House], token: FromPath[str]) -> Response[Any]:
    """Pay for it."""
    await paying.pay_at_till(house.context, token)
    return go(request, f"/console/checkout/{token}", good="Paid, with sandbox money.")


@post("/checkout/{token:str}/cancel", opt={"open": True}, status_code=200)
async def cancel(request: AnyRequest, house: Given[House], token: FromPath[str]) -> Response[Any]:
    """End the subscription."""
    await paying.cancel_at_till(house.context, token)
    return go(request, f"/console/checkout/{token}", good="The subscription has ended.")


routes: list[Any] = [checkout, pay, cancel]
