"""What a webhook's TwiML answer tells the carrier to text back."""

from xml.etree import ElementTree

_LONGEST = 1600


def messages(answer: str) -> list[str]:
    """The bodies of the `<Message>` verbs of `answer`, in order. Anything that is not TwiML says nothing."""
    if "<Message" not in answer or "<!DOCTYPE" in answer:
        return []
    try:
        # No document type, so no entities of its own; and it comes from the server that this program is.
        root = ElementTree.fromstring(answer.encode())  # noqa: S314
    except ElementTree.ParseError:
        return []
    if root.tag != "Response":
        return []
    bodies = (_body(verb).strip()[:_LONGEST] for verb in root.findall("Message"))
    return [body for body in bodies if body]


def _body(verb: ElementTree.Element) -> str:
    nested = verb.findall("Body")
    return "\n".join("".join(body.itertext()) for body in nested) if nested else verb.text or ""
