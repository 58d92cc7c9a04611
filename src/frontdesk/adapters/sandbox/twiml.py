"""What a webhook's TwiML answer tells the carrier to text back, or to do with a call."""

from xml.etree import ElementTree

_LONGEST = 1600


def messages(answer: str) -> list[str]:
    """The bodies of the `<Message>` verbs of `answer`, in order. Anything that is not TwiML says nothing."""
    root = _read(answer) if "<Message" in answer else None
    if root is None:
        return []
    bodies = (_body(verb).strip()[:_LONGEST] for verb in root.findall("Message"))
    return [body for body in bodies if body]


def stream(answer: str) -> tuple[str, dict[str, str]] | None:
    """The media socket that a call is to be connected to, and the parameters it is told."""
    root = _read(answer)
    found = None if root is None else root.find("./Connect/Stream")
    if found is None:
        return None
    told = {each.get("name", ""): each.get("value", "") for each in found.findall("Parameter")}
    return found.get("url", ""), told


def dials(answer: str) -> str | None:
    """The address that is asked when somebody else, who is rung, has talked; None where nobody is rung."""
    root = _read(answer)
    found = None if root is None else root.find("./Dial")
    return None if found is None else found.get("action", "")


def told_of_dialled(answer: str) -> str | None:
    """The address that is told how somebody who is rung stands, if any is."""
    root = _read(answer)
    found = None if root is None else root.find("./Dial/Number[@statusCallback]")
    return None if found is None else found.get("statusCallback")


def says(answer: str) -> str:
    """What is said to whoever took the call up."""
    root = _read(answer)
    return "" if root is None else " ".join(verb.text or "" for verb in root.findall("Say"))


def _read(answer: str) -> ElementTree.Element | None:
    if "<!DOCTYPE" in answer:
        return None
    try:
        # No document type, so no entities of its own; and it comes from the server that this program is.
        root = ElementTree.fromstring(answer.encode())  # noqa: S314
    except ElementTree.ParseError:
        return None
    return root if root.tag == "Response" else None


def _body(verb: ElementTree.Element) -> str:
    nested = verb.findall("Body")
    return "\n".join("".join(body.itertext()) for body in nested) if nested else verb.text or ""
