"""What can go wrong with campaigns."""

from frontdesk.kernel.errors import DomainError, Invalid, Kind


class CampaignMoveNotAllowed(Invalid):
    """The campaign cannot go from where it stands to where it is wanted."""

    code = "CAMPAIGN_MOVE_NOT_ALLOWED"

    def __init__(self, was: str, wanted: str) -> None:
        super().__init__(
            f"A campaign that is {was} cannot become {wanted}.", field="campaign_status", was=was, wanted=wanted
        )


class NoSender(Invalid):
    """The organisation has no number to send from."""

    code = "NO_SENDER"

    def __init__(self) -> None:
        super().__init__("The organisation has no number to send from.")


class UsedUp(DomainError):
    """The campaign has had as many texts from a model as it may in a day."""

    kind = Kind.QUOTA
    code = "PERSONALISED_TEXTS_USED_UP"

    def __init__(self) -> None:
        super().__init__("As many texts as a day may have were asked of the model.")
