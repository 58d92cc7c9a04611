"""HubSpot's consent: OAuth as it stands, but for giving it back."""

from urllib.parse import quote

from frontdesk.adapters.hubspot.crm import NAME, HubSpotCrm
from frontdesk.adapters.oauth import OAuthConsent, Provider
from frontdesk.kernel.clock import Clock
from frontdesk.ports.consent import AccessExpired, Tokens

SCOPES = ("oauth", "crm.objects.contacts.read", "crm.objects.contacts.write")


class HubSpotConsent(OAuthConsent):
    """The operator's app with HubSpot."""

    def __init__(
        self, crm: HubSpotCrm, client_id: str, client_secret: str, clock: Clock, base_url: str | None = None
    ) -> None:
        """`base_url` stands in for all of HubSpot's hosts."""
        self._crm = crm
        provider = Provider(
            name=NAME,
            authorize_url=f"{base_url or 'https://app.hubspot.com'}/oauth/authorize",
            token_url=f"{base_url or 'https://api.hubapi.com'}/oauth/v1/token",
            scopes=SCOPES,
            pkce=False,
            refuses=("BAD_AUTH_CODE", "BAD_REFRESH_TOKEN", "EXPIRED_AUTHENTICATION"),
            whose=crm.whose,
        )
        super().__init__(provider, client_id, client_secret, clock)

    async def revoke(self, tokens: Tokens) -> None:
        """As the port says: HubSpot forgets a refresh token that is deleted."""
        path = f"/oauth/v1/refresh-tokens/{quote(tokens.refresh_token, safe='')}"
        try:
            await self._crm.rest.call("DELETE", path, tokens.access_token)
        except AccessExpired:  # it was given back there
            return
